import { Trace } from '@millrace/kernel'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'

/** As many as performance.measure leaves less than 64 MB of garbage for. */
const SPANS = 20_000
/** The ratio wanted to performance.measure. */
const TWENTY_TIMES = 20
const CAPACITY = 4096
const TRACKS = ['Transform', 'Visibility', 'Physics', 'AI']
const NAMES = Array.from({ length: 16 }, (_, system) => `system ${system}`)
const MS_EACH = 0.01

const trace = new Trace({ spans: CAPACITY, tracks: TRACKS })
const names = NAMES.map((text) => trace.name(text))

const times = new Float64Array(2 * CAPACITY)
const words = new Uint32Array(2 * CAPACITY)

/** What does it cost to write down when a job began and ended? */
export default async function traceSpans(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'trace/span',
    items: SPANS,
    ours: () => {
      const before = trace.written
      for (let index = 0; index < SPANS; index++) {
        const startMs = index * MS_EACH
        trace.span(index & 3, names[index & 15]!, startMs, startMs + MS_EACH)
      }
      return trace.written - before
    },
    peers: [
      { name: 'bare typed arrays', goal: WITHIN_4X, pass: typedArraysPass },
      { name: 'bare array of objects', goal: AHEAD, pass: objectsPass },
      { name: 'performance.measure', goal: TWENTY_TIMES, pass: measuresPass },
    ],
  })
}

/** A capacity that is known in advance and a mask; nothing checked. */
function typedArraysPass(): number {
  for (let index = 0; index < SPANS; index++) {
    const at = 2 * (index & (CAPACITY - 1))
    const startMs = index * MS_EACH
    times[at] = startMs
    times[at + 1] = startMs + MS_EACH
    words[at] = ((index & 3) << 24) | names[index & 15]!
    words[at + 1] = 1
  }
  return SPANS
}

function objectsPass(): number {
  const spans: object[] = []
  for (let index = 0; index < SPANS; index++) {
    const startMs = index * MS_EACH
    spans.push({ track: TRACKS[index & 3], name: NAMES[index & 15], startMs, endMs: startMs + MS_EACH })
  }
  return spans.length
}

/** Told the times, it needs no marks. */
function measuresPass(): number {
  for (let index = 0; index < SPANS; index++) {
    const start = index * MS_EACH
    performance.measure(NAMES[index & 15]!, { start, end: start + MS_EACH })
  }
  const measured = performance.getEntriesByType('measure').length
  performance.clearMeasures()
  return measured
}
