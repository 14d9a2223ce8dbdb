import { seededRandom } from '@millrace/kernel/seeded-random'
import { chooseSome } from './choose-some.ts'

/** How a file is damaged: cut to a share of its length, or from there on some of its bytes replaced. */
export interface Damage {
  readonly how: 'cut' | 'overwritten'
  /** Where, as a share of the length, 0 to 1. */
  readonly at: number
}

/**
 * Something that goes wrong once so many files have settled since the engine was started: an engine or a worker is killed, an engine or a worker does
 * nothing for a while, a worker does nothing any more, a file of the tree is damaged.
 */
export type Fault = { readonly id: number; readonly afterFiles: number } & (
  | {
      readonly kind: 'kill-engine'
      /** `start` and `export` have moments of their own. */
      readonly at: 'start' | 'files' | 'export'
      /** Turns of the event loop between that moment and the kill. */
      readonly turns: number
    }
  | { readonly kind: 'stall-engine'; readonly ms: number }
  /** When it begins a batch, or when it has half of one behind it. */
  | { readonly kind: 'kill-worker'; readonly at: 'begin' | 'midst' }
  | { readonly kind: 'hang-worker' }
  | { readonly kind: 'slow-worker'; readonly ms: number }
  | { readonly kind: 'damage-file'; readonly path: string; readonly damage: Damage }
)

export type FaultKind = Fault['kind']

/** What goes wrong in one start of the engine, in the order in which it comes; a kill of the engine is the last. */
export type Leg = readonly Fault[]

export interface FaultPlanOptions {
  readonly seed: number
  /** Kills of engines and workers together, at least 1. */
  readonly kills: number
  /** The tree's files, in byte order. */
  readonly paths: readonly string[]
  /** The deadline of a file, milliseconds; nothing is slowed for longer than a fraction of it. */
  readonly deadlineMs: number
  /** Whether processes can be stopped and continued, which Windows cannot. */
  readonly canStop: boolean
}

/** Of a start's share of the tree, the least that is done before its engine is killed. */
const LEAST_SHARE = 0.3
/** Each costs a deadline. */
const MOST_HANGS = 3
const MOST_TURNS = 12

/**
 * What goes wrong, and when: a leg for each start of the engine. Moments are told by files that have settled, not by the clock, so that a plan
 * means the same on a slow machine. The same options give the same plan. Pure.
 */
export function planFaults({ seed, kills, paths, deadlineMs, canStop }: FaultPlanOptions): readonly Leg[] {
  const random = seededRandom(seed)
  const below = (bound: number) => Math.floor(random() * bound)
  const engineKills =
    kills === 1 ? below(2) : Math.min(kills - 1, Math.max(1, Math.round(kills * (0.3 + random() * 0.3))))
  const share = paths.length / (engineKills + 1)
  const lengths = Array.from({ length: engineKills + 1 }, () =>
    Math.max(1, Math.floor(share * (LEAST_SHARE + random() * (1 - LEAST_SHARE)))),
  )
  let id = 0
  const legs: Fault[][] = lengths.map((afterFiles, leg) =>
    leg === engineKills
      ? []
      : [{ id: id++, kind: 'kill-engine', at: momentOf(random), afterFiles, turns: below(MOST_TURNS) }],
  )
  /** Anywhere: in a start whose engine is killed at once it may never come. */
  const somewhere = (create: (id: number, afterFiles: number) => Fault) => {
    const leg = below(legs.length)
    legs[leg]!.push(create(id++, below(lengths[leg]!)))
  }
  const few = (share: number) => Math.ceil(kills * share)
  const shortly = () => Math.round(deadlineMs * (0.05 + 0.2 * random()))
  for (let n = engineKills; n < kills; n++)
    somewhere((id, afterFiles) => ({ id, kind: 'kill-worker', at: random() < 0.5 ? 'begin' : 'midst', afterFiles }))
  for (const path of chooseSome(paths, few(0.25), random)) {
    const damage: Damage = { how: random() < 0.5 ? 'cut' : 'overwritten', at: random() }
    somewhere((id, afterFiles) => ({ id, kind: 'damage-file', path, damage, afterFiles }))
  }
  if (canStop) {
    for (let n = Math.min(MOST_HANGS, few(0.1)); n > 0; n--)
      somewhere((id, afterFiles) => ({ id, kind: 'hang-worker', afterFiles }))
    for (let n = few(0.2); n > 0; n--)
      somewhere((id, afterFiles) => ({ id, kind: 'slow-worker', ms: shortly(), afterFiles }))
    for (let n = few(0.1); n > 0; n--)
      somewhere((id, afterFiles) => ({ id, kind: 'stall-engine', ms: shortly(), afterFiles }))
  }
  return legs.map((leg) => leg.toSorted((left, right) => rank(left) - rank(right)))
}

function momentOf(random: () => number): 'start' | 'files' | 'export' {
  const chance = random()
  if (chance < 0.1) return 'start'
  return chance < 0.2 ? 'export' : 'files'
}

/** By when it comes; the engine's end is last. */
function rank({ kind, afterFiles }: Fault): number {
  return kind === 'kill-engine' ? Number.POSITIVE_INFINITY : afterFiles
}
