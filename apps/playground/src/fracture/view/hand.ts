import type { At } from '../world/hall.ts'

export interface HandOptions {
  /** The pointer is somewhere: −1 to 1 of the canvas, both ways. */
  readonly lean: (x: number, y: number) => void
  /** Whether dragging draws a cut; else it hits all it comes across. */
  readonly isBlade: () => boolean
  /** Hits at a point of the canvas. */
  readonly hit: (x: number, y: number) => void
  /** A blade is drawn along a way over the canvas. */
  readonly trail: (way: readonly At[]) => void
  /** Cuts along a way over the canvas. */
  readonly slice: (way: readonly At[]) => void
}

/** Pixels between two hits while dragging. */
const STEP = 9

/** What mouse, pen and fingers do on the canvas. */
export class Hand {
  readonly #options: HandOptions
  readonly #ways = new Map<number, At[]>()

  constructor(canvas: HTMLCanvasElement, options: HandOptions) {
    this.#options = options
    canvas.addEventListener('pointerdown', ({ pointerId, offsetX: x, offsetY: y, button }) => {
      if (button !== 0) return
      canvas.setPointerCapture(pointerId)
      this.#ways.set(pointerId, [{ x, y }])
      if (!options.isBlade()) options.hit(x, y)
    })
    canvas.addEventListener('pointermove', ({ pointerId, offsetX: x, offsetY: y }) => {
      options.lean((x / canvas.clientWidth) * 2 - 1, (y / canvas.clientHeight) * 2 - 1)
      const way = this.#ways.get(pointerId)
      const last = way?.at(-1)
      if (way === undefined || last === undefined || Math.hypot(x - last.x, y - last.y) < STEP) return
      way.push({ x, y })
      if (options.isBlade()) options.trail(way)
      else this.#hitAlong(last, { x, y })
    })
    canvas.addEventListener('pointerup', ({ pointerId }) => {
      const way = this.#ways.get(pointerId)
      this.#ways.delete(pointerId)
      if (way === undefined || !options.isBlade()) return
      if (way.length > 1) options.slice(way)
      else options.hit(way[0]!.x, way[0]!.y)
    })
    canvas.addEventListener('pointercancel', ({ pointerId }) => this.#ways.delete(pointerId))
  }

  /** A quick hand leaves nothing out. */
  #hitAlong(from: At, to: At): void {
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / STEP)
    for (let step = 1; step <= steps; step++) {
      this.#options.hit(from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps)
    }
  }
}
