import type { Bench } from './bench.ts'
import { type Contender, compare, type Sample } from './compare.ts'
import { collectYoung, usedBytes } from './memory.ts'

/** Goes through all items once, from a fresh start, and returns a checksum of what came out. */
export type Pass = () => number | Promise<number>

export interface PerItemContender {
  readonly name: string
  /** The ratio wanted of ours to this one; left out, it is context. */
  readonly goal?: number
  readonly pass: Pass
}

export interface PerItemComparison {
  /** `part/question`. */
  readonly id: string
  /** Items a pass goes through: enough to drown what starting it costs, with less than 64 MB of garbage. */
  readonly items: number
  readonly ours: Pass
  readonly peers: readonly PerItemContender[]
  /** How far checksums may be apart, as a share of ours, where the contenders estimate. @default 0 */
  readonly tolerance?: number
}

/** Of processor time: a compiler that waits for a busy machine has not compiled yet. */
const WARM_UP_MS = 250

/**
 * Measures nanoseconds and allocated bytes per item.
 *
 * Every pass is warmed up first, and each sample is as many passes as fill its time, after a collection of the young
 * generation. Nanoseconds are of processor time, garbage collection in other threads included: on a busy machine they
 * stay what they are on an idle one. Bytes are what one pass adds to the heap and to array buffers, in samples of their own.
 */
export async function comparePerItem(bench: Bench, comparison: PerItemComparison): Promise<void> {
  const { id, items, peers, tolerance = 0 } = comparison
  const sampleMs = bench.quick ? 8 : 30
  const timed = async (pass: Pass) => timedSample(pass, items, await passesWithin(pass, sampleMs))

  const ours = await timed(comparison.ours)
  const timedPeers: Contender[] = []
  for (const peer of peers) timedPeers.push(contender(peer, await timed(peer.pass)))
  await compare(bench, { id, unit: 'ns', rounds: bench.quick ? 7 : 15, tolerance, ours, peers: timedPeers })
  await compare(bench, {
    id,
    unit: 'bytes',
    rounds: 5,
    tolerance,
    ours: () => allocationSample(comparison.ours, items),
    peers: peers.map((peer) => contender(peer, () => allocationSample(peer.pass, items))),
  })
}

function contender({ name, goal }: PerItemContender, sample: Contender['sample']): Contender {
  return { name, ...(goal !== undefined && { goal }), sample }
}

/** Warms the pass up until the compiler is done with it, and says how many of them fill a sample. */
async function passesWithin(pass: Pass, sampleMs: number): Promise<number> {
  const started = processorMs()
  let passes = 0
  while (passes < 3 || processorMs() - started < WARM_UP_MS) {
    await pass()
    passes++
  }
  const again = processorMs()
  await pass()
  return Math.max(1, Math.round(sampleMs / (processorMs() - again)))
}

function timedSample(pass: Pass, items: number, passes: number): Contender['sample'] {
  return async (): Promise<Sample> => {
    collectYoung()
    let checksum = 0
    const started = processorMs()
    for (let count = 0; count < passes; count++) {
      const result = pass()
      checksum = typeof result === 'number' ? result : await result
    }
    return { value: ((processorMs() - started) * 1e6) / (passes * items), checksum }
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function allocationSample(pass: Pass, items: number): Promise<Sample> {
  collectYoung()
  const before = usedBytes()
  const result = pass()
  const checksum = typeof result === 'number' ? result : await result
  return { value: Math.max(0, usedBytes() - before) / items, checksum }
}
