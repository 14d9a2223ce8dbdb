import type { LaneHandle, LanesOptions } from '../../src/queue/lanes.ts'

/** Strict priority without ageing: a lower lane waits for as long as a higher one has work. */
export class StarvingLanes<T> {
  readonly #lanes: { handle: LaneHandle; item: T }[][]
  #pushed = 0

  constructor({ lanes }: LanesOptions) {
    this.#lanes = Array.from({ length: lanes }, () => [])
  }

  get size(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.length, 0)
  }

  sizeOf(lane: number): number {
    return this.#lanes[lane]!.length
  }

  push(item: T, lane: number, _now: number): LaneHandle {
    const handle = this.#pushed++
    this.#lanes[lane]!.push({ handle, item })
    return handle
  }

  shift(): T | undefined {
    return this.#lanes.find((lane) => lane.length > 0)?.shift()?.item
  }

  peek(): T | undefined {
    return this.#lanes.find((lane) => lane.length > 0)?.[0]?.item
  }

  cancel(handle: LaneHandle): boolean {
    for (const lane of this.#lanes) {
      const index = lane.findIndex((entry) => entry.handle === handle)
      if (index !== -1) return lane.splice(index, 1).length === 1
    }
    return false
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const lane of this.#lanes) for (const { item } of lane) yield item
  }
}
