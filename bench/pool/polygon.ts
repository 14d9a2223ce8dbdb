/** A polygon of 32 vertices: x and y of each. */
export const DOUBLES = 64
/** Most tasks under way at once, everywhere. */
export const IN_FLIGHT = 4096

/** What is sent: the first double of each tells which one it is. */
const polygons: readonly Float64Array[] = Array.from({ length: IN_FLIGHT }, (_, number) =>
  Float64Array.from({ length: DOUBLES }, (_, index) => number * DOUBLES + index),
)

/** Which polygon task `id` sends. */
export function polygonOf(id: number): Float64Array {
  return polygons[id % IN_FLIGHT]!
}

/** Takes what came back. */
export interface Receipts {
  /** @throws {Error} when `result` is no echo of a polygon, or not of that which task `id` sent, where it is known. */
  take(result: unknown, id?: number): void
  /** @throws {Error} when not each of `count` tasks has given its result once. */
  end(count: number): void
}

/** For what is timed: looks at the first and the last double of each, and adds up which ones came. */
export class QuickReceipts implements Receipts {
  #taken = 0
  #sum = 0

  take(result: unknown, id?: number): void {
    this.#sum += numberOf(result, id)
    this.#taken++
  }

  end(count: number): void {
    let sum = 0
    for (let id = 0; id < count; id++) sum += id % IN_FLIGHT
    if (this.#taken !== count || this.#sum !== sum) throw new Error(`Not the results of ${count} tasks, each once`)
  }
}

/** For what is not timed: holds all results to the end, then looks at every double, and that nobody else can change it. */
export class WholeReceipts implements Receipts {
  readonly #results: Float64Array[] = []

  take(result: unknown, id?: number): void {
    numberOf(result, id)
    this.#results.push(result as Float64Array)
  }

  end(count: number): void {
    const times = new Uint32Array(IN_FLIGHT)
    for (const result of this.#results) {
      const number = numberOf(result)
      times[number]!++
      if (!result.every((value, index) => value === polygons[number]![index])) throw new Error(`Not polygon ${number}`)
      if (!(result.buffer instanceof ArrayBuffer)) throw new Error('A result lies in memory that others write to')
    }
    if (!times.every((sent, number) => sent === Math.ceil((count - number) / IN_FLIGHT))) {
      throw new Error(`Not the results of ${count} tasks, each once`)
    }
  }
}

function numberOf(result: unknown, id?: number): number {
  if (!(result instanceof Float64Array) || result.length !== DOUBLES) throw new Error('Not a polygon')
  const first = result[0]!
  const number = first / DOUBLES
  const isKnown = first === polygons[number]?.[0] && result[DOUBLES - 1] === first + DOUBLES - 1
  if (!isKnown || (id !== undefined && number !== id % IN_FLIGHT)) {
    throw new Error(`Task ${id ?? ''} came back with another polygon: ${result}`)
  }
  return number
}
