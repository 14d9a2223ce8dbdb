import { IN_FLIGHT, polygonOf, QuickReceipts, type Receipts, WholeReceipts } from './polygon.ts'
import { within } from './within.ts'

/** What has not ended by then never will. */
const BOUND_MS = 20_000

/** A way for polygons to another thread and back. */
export interface Carrier {
  readonly name: string
  /** Has `count` polygons echoed, and hands in each result. */
  flood(count: number, receipts: Receipts): Promise<void>
}

/** So many callers, each of which awaits one call after the other. */
export async function floodByCalls(
  echo: (polygon: Float64Array) => PromiseLike<unknown>,
  count: number,
  receipts: Receipts,
  callers: number = IN_FLIGHT,
): Promise<void> {
  let started = 0
  async function caller(): Promise<void> {
    while (started < count) {
      const id = started++
      receipts.take(await echo(polygonOf(id)), id)
    }
  }
  await Promise.all(Array.from({ length: Math.min(callers, count) }, caller))
}

/** Time on the wall of each of `count` tasks, in ns: what two threads spend at the same time counts once. */
export async function nsPerTask(carrier: Carrier, count: number): Promise<number> {
  const receipts = new QuickReceipts()
  const started = performance.now()
  await within(BOUND_MS, carrier.name, carrier.flood(count, receipts))
  const ns = ((performance.now() - started) * 1e6) / count
  receipts.end(count)
  return ns
}

/** Looks at every double of `count` results. */
export async function checkWhole(carrier: Carrier, count: number): Promise<void> {
  const receipts = new WholeReceipts()
  await within(BOUND_MS, carrier.name, carrier.flood(count, receipts))
  receipts.end(count)
}

/** Warms a way up for twice a sample's time, and says how many tasks fill one. */
export async function tasksWithin(carrier: Carrier, sampleMs: number, least: number): Promise<number> {
  let tasks = least
  let ns = await nsPerTask(carrier, tasks)
  for (let warmUp = 0; warmUp < 2; warmUp++) {
    tasks = Math.max(least, Math.round((sampleMs * 1e6) / ns))
    ns = await nsPerTask(carrier, tasks)
  }
  return Math.max(least, Math.round((sampleMs * 1e6) / ns))
}
