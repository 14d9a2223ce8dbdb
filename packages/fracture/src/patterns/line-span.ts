import type { Bounds } from '../polygon/polygon.ts'

/** The part of a line that lies within a box, from `from` to `to` times its direction; used over and over. */
export class LineSpan {
  from = 0
  to = 0

  /**
   * Narrows `from` to `to` of the line from x, y in the direction dx, dy to what is within `box`, and returns whether anything is left.
   *
   * Liang and Barsky, A new concept and method for line clipping (1984).
   */
  clip(box: Bounds, x: number, y: number, dx: number, dy: number, from: number, to: number): boolean {
    this.from = from
    this.to = to
    return this.#narrow(dx, box.minX - x, box.maxX - x) && this.#narrow(dy, box.minY - y, box.maxY - y)
  }

  #narrow(speed: number, low: number, high: number): boolean {
    if (speed === 0) return low <= 0 && high >= 0
    const enter = (speed > 0 ? low : high) / speed
    const leave = (speed > 0 ? high : low) / speed
    if (enter > this.from) this.from = enter
    if (leave < this.to) this.to = leave
    return this.from < this.to
  }
}
