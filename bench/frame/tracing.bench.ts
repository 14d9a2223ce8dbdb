import { BatchController, BatchType } from '@millrace/frame'
import type { Bench } from '../harness/bench.ts'
import { collectYoung } from '../harness/memory.ts'
import { rowBeside, type Samples } from '../harness/row.ts'
import { inTurns } from '../pool/in-turns.ts'

const TRACE_GOAL = 20
const SPANS = 16_384
/** Less is the noise of the measurement. */
const LEAST_NS = 1

/** A kind of job, and how many of it make a sample. */
interface Kind {
  readonly name: string
  readonly jobs: number
  run(): void
}

/** About 7 µs of work. */
const SPAN_TURNS = 1600
const sink = new Float64Array(1)
const KINDS: readonly Kind[] = [
  { name: 'tiny-jobs', jobs: 20_000, run: () => void sink[0]!++ },
  {
    // Long enough to be timed alone, and to have a span of its own.
    name: 'jobs-with-a-span-each',
    jobs: 1000,
    run: () => {
      for (let turn = 0; turn < SPAN_TURNS; turn++) sink[0] = sink[0]! * 0.999 + turn
    },
  },
]

/** What does it cost to write a job into the trace, beside `performance.measure`? Each less what the job costs without. */
export default async function tracing(bench: Bench): Promise<void> {
  for (const kind of KINDS) {
    const off = controllerOf(kind, 0)
    const on = controllerOf(kind, SPANS)
    const measured = controllerOf({ ...kind, run: measuredRun(kind) }, 0)
    const contenders = [
      { name: 'off', sample: () => nsAJob(kind, off) },
      { name: 'on', sample: () => nsAJob(kind, on) },
      { name: 'performance.measure', sample: () => nsAJob(kind, measured) },
    ]
    await inTurns(contenders, 20)
    // Many, and each short, so that what disturbs some is not the median.
    const [without, with_, peer] = await inTurns(contenders, bench.quick ? 51 : 201)
    const above = ({ values }: Samples) =>
      values.map((value, round) => Math.max(LEAST_NS, value - without!.values[round]!))
    bench.report([
      rowBeside(
        `frame/tracing-${kind.name}`,
        'ns',
        above(with_!),
        { name: 'performance.measure', values: above(peer!) },
        TRACE_GOAL,
      ),
    ])
  }
}

interface Traced {
  readonly controller: BatchController
  submit(): void
}

function controllerOf({ name, run }: Kind, traceSpans: number): Traced {
  const controller = new BatchController({ traceSpans, maxQueuedJobs: 2 ** 16 })
  const id = controller.register({ name, type: BatchType.Physics, cost: 0.01, recurring: false, run })
  return { controller, submit: () => void controller.submit(id) }
}

function measuredRun({ name, run }: Kind): () => void {
  return () => {
    const start = performance.now()
    run()
    performance.measure(name, { start, end: performance.now() })
  }
}

function nsAJob({ jobs }: Kind, { controller, submit }: Traced): number {
  for (let count = 0; count < jobs; count++) submit()
  collectYoung()
  // Not the processor's time: some systems count that by ticks longer than this takes.
  const startedAt = performance.now()
  while (controller.totalQueuedJobs > 0) controller.runFrame()
  const ms = performance.now() - startedAt
  performance.clearMeasures()
  return (ms * 1e6) / jobs
}
