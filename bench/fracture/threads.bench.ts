import type { Bench } from '../harness/bench.ts'
import { heldBytes } from '../harness/held.ts'
import { median } from '../harness/median.ts'
import { rowBeside } from '../harness/row.ts'
import { inTurns } from '../pool/in-turns.ts'
import { Scene } from './debris.ts'
import { openProcessor, ours } from './destroyers/ours.ts'
import { flood } from './flood.ts'
import { runFrames } from './frame-loop.ts'
import { figuresOf, type MassFigures, massInProcess } from './mass-in-process.ts'
import { objectOf } from './objects.ts'
import { poisonPointsHere } from './poison.ts'

const OBJECTS = 500
const QUEUED = 10_000
const MOST_URGENT = 10
const DEFAULT_THREADS = 1

/** What do 1, 2 and 3 workers come to, what does a job that waits occupy, and how much sooner is an urgent one done? */
export default async function threads(bench: Bench): Promise<void> {
  await compareThreads(bench)
  await measurePriority(bench)
  const queued = median(Array.from({ length: 5 }, () => heldBytes(fullProcessor)))
  bench.tell(
    `Queue: ${QUEUED.toLocaleString('en-US')} stars that wait hold ${(queued / 1e6).toFixed(1)} MB, ${(queued / QUEUED).toFixed(0)} bytes each, ` +
      'of which 512 are the numbers of the polygon.',
  )
}

async function compareThreads(bench: Bench): Promise<void> {
  const counts = [1, 2, 3]
  const points = poisonPointsHere()
  const rounds = new Map<number, { readonly calm: MassFigures; readonly poisoned: MassFigures }[]>()
  for (const threads of counts) rounds.set(threads, [])
  for (let round = 0; round < (bench.quick ? 3 : 5); round++) {
    for (let turn = 0; turn < counts.length; turn++) {
      const threads = counts[(round + turn) % counts.length]!
      const plan = { kind: ours.name, threads, objects: OBJECTS, explosions: 4, poisonPoints: points, seed: round }
      const { calm, poisoned } = await massInProcess(plan)
      rounds.get(threads)!.push({ calm: figuresOf(calm), poisoned: figuresOf(poisoned) })
    }
  }
  await using stack = new AsyncDisposableStack()
  const scene = new Scene()
  let first = 0
  const count = bench.quick ? 1000 : 2500
  const contenders = []
  for (const threads of counts) {
    const destroyer = stack.adopt(ours.open(threads), (one) => one.close())
    const sample = () => {
      first += count
      return flood(destroyer, scene, first, count)
    }
    await sample()
    contenders.push({ name: threads === 1 ? '1 worker' : `${threads} workers`, sample })
  }
  const done = await inTurns(contenders, bench.quick ? 3 : 5)
  const place = counts.indexOf(DEFAULT_THREADS)
  const [own, others] = [done[place]!, done.filter((_, other) => other !== place)]
  bench.report(others.map((other) => rowBeside('fracture/1-worker-done-in-a-second', 'jobs', own.values, other)))

  const lines = counts.map((threads, index) => {
    const of = (sort: 'calm' | 'poisoned', figure: keyof MassFigures) =>
      median(rounds.get(threads)!.map((round) => round[sort][figure])).toFixed(2)
    const cells = [
      threads,
      median(done[index]!.values).toFixed(0),
      of('calm', 'p99Ms'),
      of('calm', 'p99ProcessorMs'),
      of('calm', 'latencyP99Ms'),
      of('poisoned', 'p99Ms'),
      of('poisoned', 'latencyP50Ms'),
      of('poisoned', 'latencyP99Ms'),
    ]
    return `| ${cells.join(' | ')} |`
  })
  bench.tell(
    [
      `Workers: fractures a second, and ${OBJECTS} objects broken in one frame, without and with one that takes 100 ms; ms, medians.`,
      '',
      '| workers | fractures/s | frame p99 | processor time | latency p99 | with poison: frame p99 | latency p50 | latency p99 |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      ...lines,
    ].join('\n'),
  )
}

/** One job more behind 500 others: as they are, and urgent. */
async function measurePriority(bench: Bench): Promise<void> {
  await using processor = openProcessor({ threads: DEFAULT_THREADS })
  const samples: Record<'urgent' | 'usual', number[]> = { urgent: [], usual: [] }
  let number = 0
  for (let round = 0; round < (bench.quick ? 5 : 11); round++) {
    for (const kind of ['urgent', 'usual'] as const) {
      const ended = new Map<number, number>()
      let frameNow = 0
      using _ = processor.jobCompleted.subscribe(({ jobId }) => ended.set(jobId, frameNow))
      let last = 0
      await runFrames((frame) => {
        frameNow = frame
        if (frame === 0) {
          for (let count = 0; count < OBJECTS; count++) submit(undefined)
          last = submit(kind === 'urgent' ? { priority: MOST_URGENT } : undefined)
        } else if (ended.size === OBJECTS + 1) return false
        processor.process()
        return true
      })
      if (round > 0) samples[kind].push(ended.get(last)!)
    }
  }
  bench.report([
    rowBeside('fracture/urgent-behind-500', 'frames', samples.urgent, { name: 'not urgent', values: samples.usual }),
  ])

  function submit(options: { readonly priority: number } | undefined): number {
    const { polygon, params } = objectOf(number++)
    return processor.submitFracture(polygon, params, options)
  }
}

const waiting = Array.from({ length: QUEUED }, (_, number) => objectOf(number))

/** Nothing is cut as long as there is no frame. */
function fullProcessor(): object {
  const processor = openProcessor({ maxQueued: QUEUED })
  for (const { polygon, params } of waiting) processor.submitFracture(polygon, params)
  return processor
}
