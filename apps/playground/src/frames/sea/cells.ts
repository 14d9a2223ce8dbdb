/** The fish of a box, by the cell that each is in: who is near is found without looking at all. */
export class Cells {
  readonly #size: number
  readonly #across: number
  readonly #layers: number
  readonly #halfWidth: number
  readonly #halfHeight: number
  /** The first fish of each cell, and each fish's neighbours in the list of its cell; 0 is none. */
  readonly #first: Int32Array
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #cellOf: Int32Array

  constructor(capacity: number, halfWidth: number, halfHeight: number, size: number) {
    this.#size = size
    this.#halfWidth = halfWidth
    this.#halfHeight = halfHeight
    this.#across = Math.ceil((2 * halfWidth) / size) + 1
    this.#layers = Math.ceil((2 * halfHeight) / size) + 1
    this.#first = new Int32Array(this.#across * this.#across * this.#layers)
    this.#next = new Int32Array(capacity + 1)
    this.#previous = new Int32Array(capacity + 1)
    this.#cellOf = new Int32Array(capacity + 1).fill(-1)
  }

  /** Tells where a fish is now. */
  move(fish: number, x: number, y: number, z: number): void {
    const to = this.#cellAt(x, y, z)
    if (to === this.#cellOf[fish]) return
    this.#leave(fish)
    const first = this.#first[to]!
    this.#next[fish] = first
    this.#previous[fish] = 0
    if (first !== 0) this.#previous[first] = fish
    this.#first[to] = fish
    this.#cellOf[fish] = to
  }

  /** The first fish of the cell around a point, or 0; {@link Cells.after} has the others. */
  firstAt(x: number, y: number, z: number): number {
    return this.#first[this.#cellAt(x, y, z)]!
  }

  after(fish: number): number {
    return this.#next[fish]!
  }

  #leave(fish: number): void {
    const from = this.#cellOf[fish]!
    if (from < 0) return
    const next = this.#next[fish]!
    const previous = this.#previous[fish]!
    if (next !== 0) this.#previous[next] = previous
    if (previous !== 0) this.#next[previous] = next
    else this.#first[from] = next
  }

  #cellAt(x: number, y: number, z: number): number {
    const column = this.#clamp((x + this.#halfWidth) / this.#size, this.#across)
    const layer = this.#clamp((y + this.#halfHeight) / this.#size, this.#layers)
    const row = this.#clamp((z + this.#halfWidth) / this.#size, this.#across)
    return (layer * this.#across + row) * this.#across + column
  }

  #clamp(at: number, count: number): number {
    return at < 0 ? 0 : at >= count ? count - 1 : at | 0
  }
}
