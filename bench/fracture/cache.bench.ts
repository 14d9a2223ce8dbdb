import { CutoutBatchProcessor } from '@millrace/fracture'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { collectYoung } from '../harness/memory.ts'
import { rowBeside } from '../harness/row.ts'
import { inTurns } from '../pool/in-turns.ts'
import { openProcessor } from './destroyers/ours.ts'
import { runFrames } from './frame-loop.ts'
import { type BreakableObject, objectOf } from './objects.ts'

const JOBS = 1000
/** Objects alike: crates, say, each of which breaks in one of so many ways. */
const KINDS = 50
const OFF = { cacheBytes: 0 }

/** What does a cached result cost beside one that is cut, and what does looking in vain? */
export default async function cache(bench: Bench): Promise<void> {
  for (const where of ['on-caller', 'with-workers'] as const) await compareCosts(bench, where)
}

async function compareCosts(bench: Bench, where: 'on-caller' | 'with-workers'): Promise<void> {
  const open = (options: { readonly cacheBytes?: number }) =>
    where === 'on-caller'
      ? new CutoutBatchProcessor({ frames: 'manual', ...options })
      : openProcessor({ threads: 2, ...options })
  await using hitting = open({})
  await using missing = open({})
  await using without = open(OFF)
  let number = 0
  const fresh = () => Array.from({ length: JOBS }, () => objectOf(number++))
  const alike = Array.from({ length: JOBS }, (_, place) => objectOf(-1 - (place % KINDS)))
  await microsOf(hitting, alike)
  const contenders = [
    { name: 'hit', sample: () => microsOf(hitting, alike) },
    { name: 'cut, with a cache', sample: () => microsOf(missing, fresh()) },
    { name: 'cut, without a cache', sample: () => microsOf(without, fresh()) },
  ]
  for (const { sample } of contenders) for (let warmUp = 0; warmUp < 3; warmUp++) await sample()
  const [hit, miss, off] = await inTurns(contenders, bench.quick ? 5 : 11)
  bench.report([
    rowBeside(`fracture/cache-${where}-hit`, 'µs', hit!.values, off!),
    rowBeside(`fracture/cache-${where}-miss`, 'µs', miss!.values, off!),
  ])
  const [hitUs, missUs, offUs] = [hit, miss, off].map((one) => median(one!.values))
  const lost = Math.max(0, median(miss!.values.map((us, round) => us - off!.values[round]!)))
  const share = lost / (lost + offUs! - hitUs!)
  const thread = where === 'on-caller' ? 'cut on the caller' : 'cut by workers: what is left to the main thread'
  bench.tell(
    `Cache, ${thread}: a hit takes ${hitUs!.toFixed(1)} µs of processor time, a cut ${offUs!.toFixed(1)} µs, a cut that was looked for before and kept ` +
      `${missUs!.toFixed(1)} µs (${lost.toFixed(1)} µs more, round by round). So the cache pays from ${Math.max(1, Math.ceil(100 * share))} % hits on.`,
  )
}

/** Processor time of this thread for each of the jobs, from the call until the result was handed over. */
async function microsOf(processor: CutoutBatchProcessor, objects: readonly BreakableObject[]): Promise<number> {
  let left = objects.length
  using _ = processor.jobCompleted.subscribe(() => left--)
  collectYoung()
  const frames = await runFrames((frame) => {
    if (frame === 0) for (const { polygon, params } of objects) processor.submitFracture(polygon, params)
    else if (left === 0) return false
    processor.process()
    return true
  })
  return (frames.reduce((sum, { processorMs }) => sum + processorMs, 0) * 1000) / objects.length
}
