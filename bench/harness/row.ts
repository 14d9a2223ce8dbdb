import { median, spreadOf } from './median.ts'

/** What a figure counts; whether less of it is better follows from it. */
export type Unit =
  | 'ns'
  | 'µs'
  | 'ms'
  | 's'
  | 'bytes'
  | 'MB'
  | 'MB/s'
  | 'fsyncs'
  | 'opens'
  | 'files'
  | 'files/s'
  | 'files/min'
  | 'entries/s'
  | 'reads'
  | 'frames'
  | 'jobs'
  | 'checks/s'
  | 'intents/s'
  | 'intents/ms'
  | 'batches'
  | 'statements'
  | 'round trips'
  | 'connections'
  | '‰'
  | '%'

const LESS_IS_BETTER: readonly Unit[] = [
  'ns',
  'µs',
  'ms',
  's',
  'bytes',
  'MB',
  'fsyncs',
  'opens',
  'reads',
  'frames',
  'batches',
  'statements',
  'round trips',
  'connections',
  '‰',
]

/** One line of the table, and one object of the JSON. */
export interface BenchRow {
  /** `part/question/unit/peer`, in ASCII. */
  readonly id: string
  /** Median of the rounds. */
  readonly ours: number
  /** Median of the rounds, or the goal itself where there is no peer. */
  readonly peer: number
  readonly peerName: string
  readonly unit: Unit
  /** How many times better ours is than the peer: above 1, ours is ahead. */
  readonly ratio: number
  /** How far apart the rounds lie in this ratio: (p90 − p10) / median. */
  readonly spread: number
  /** The ratio wanted, or null where the peer is context. */
  readonly goal: number | null
  /** Whether the ratio, to two decimals, reaches the goal. */
  readonly met: boolean | null
}

/** The samples of one contender, a round each, in the order of the rounds. */
export interface Samples {
  readonly name: string
  readonly values: readonly number[]
}

/** Less than a byte an item, or one in a thousand, is the noise of the measurement; a ratio needs something to divide by. */
const LEAST_IS_ONE: readonly Unit[] = ['bytes', '‰']

/** Compares ours with a peer, round by round. `goal` is the ratio wanted; none makes the row context. */
export function rowBeside(id: string, unit: Unit, ours: readonly number[], peer: Samples, goal?: number): BenchRow {
  const ratios = ours.map((value, round) => ratioOf(unit, value, peer.values[round]!))
  const [oursMedian, peerMedian] = [median(ours), median(peer.values)]
  const ratio = ratioOf(unit, oursMedian, peerMedian)
  return {
    id: [
      id,
      unit.replace(' ', '-').replace('/', '-per-').replace('%', 'percent').replace('‰', 'permille').replace('µ', 'u'),
      peer.name.replaceAll(/[^\w.]+/g, '-'),
    ].join('/'),
    ours: oursMedian,
    peer: peerMedian,
    peerName: peer.name,
    unit,
    ratio,
    spread: spreadOf(ratios),
    goal: goal ?? null,
    met: goal === undefined ? null : Math.round(ratio * 100) / 100 >= goal,
  }
}

/** Compares ours with a figure that was promised. */
export function rowAgainst(id: string, unit: Unit, ours: readonly number[], promised: number): BenchRow {
  return rowBeside(id, unit, ours, { name: 'goal', values: ours.map(() => promised) }, 1)
}

function ratioOf(unit: Unit, ours: number, peer: number): number {
  if (LEAST_IS_ONE.includes(unit)) return Math.max(peer, 1) / Math.max(ours, 1)
  return LESS_IS_BETTER.includes(unit) ? peer / ours : ours / peer
}
