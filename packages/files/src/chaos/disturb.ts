import type { CheckedChaosOptions } from './chaos-options.ts'
import { type ChaosScene, DISTURBED } from './chaos-scene.ts'
import { damageFile } from './damage.ts'
import type { Fault, FaultKind, Leg } from './fault-plan.ts'
import { type ChaosLoss, isDeath } from './judge.ts'
import type { RunFacts } from './run-facts.ts'
import type { LegEnd } from './run-leg.ts'

/** Faults of a kind: how many were planned, and how many came to be made. */
export interface FaultCount {
  readonly kind: FaultKind
  readonly planned: number
  readonly made: number
}

/** What a disturbed job was through. */
export interface Disturbance {
  readonly starts: number
  readonly counts: readonly FaultCount[]
  /** What was done to each damaged file, as the end of a sentence. */
  readonly damaged: ReadonlyMap<string, string>
  /** What it left, where it came to its end. */
  readonly facts: RunFacts | undefined
  /** Why it did not. */
  readonly failure: ChaosLoss | undefined
}

/** Starts beyond the plan in which faults that found no moment get another chance, unless each start has to wait for files that kill their worker. */
const MORE_STARTS = 2

/**
 * Starts a job, disturbs it, starts it again where that ended it, and so on through the plan; a job that came to its end meanwhile is done anew from the
 * first file. Then lets it end, and has the engine look at the tree once more, as damage may have come after a file's turn.
 * @param first What an undisturbed run came to.
 * @throws the signal's reason.
 */
export async function disturb(
  scene: ChaosScene,
  plan: readonly Leg[],
  { paths, first }: { readonly paths: readonly string[]; readonly first: RunFacts },
  { onStep }: CheckedChaosOptions,
): Promise<Disturbance> {
  const all = plan.flat()
  const files = paths.length
  const isCostly = [...first.quarantined.values()].some(({ code }) => isDeath(code))
  const made = new Map<number, string>()
  let waiting: Fault[] = []
  let failure: ChaosLoss | undefined
  let mode = 'run' as 'run' | 'resume'
  let start = 0
  const kills = (faults: Leg) => faults.filter(({ kind }) => kind === 'kill-engine').length
  const go = async (faults: Leg, reuse: 'none' | 'stamp'): Promise<void> => {
    onStep({ type: 'start', start: ++start, made: made.size, planned: all.length })
    const result = await scene.start(DISTURBED, mode, faults, { reuse })
    for (const { id, told } of result.made) made.set(id, told)
    waiting = faults.filter(({ id }) => !made.has(id)).map((fault) => soon(fault, files))
    mode = result.end.type === 'ended' ? 'run' : 'resume'
    failure = failureOf(result.end)
  }
  for (const leg of plan) {
    await go([...waiting, ...leg], 'none')
    if (failure !== undefined) break
  }
  for (
    let more = (isCostly ? 0 : MORE_STARTS) + kills(waiting);
    more > 0 && waiting.length > 0 && failure === undefined;
    more--
  )
    await go(waiting, 'none')
  for (const fault of all) {
    if (fault.kind === 'damage-file' && !made.has(fault.id))
      made.set(fault.id, damageFile(scene.root, fault, scene.sizeOf(fault.path)))
  }
  if (failure === undefined && mode === 'resume') await go([], 'none')
  if (failure === undefined) await go([], 'stamp')
  return {
    starts: start,
    counts: countsOf(all, made),
    damaged: new Map(all.flatMap((fault) => (fault.kind === 'damage-file' ? [[fault.path, made.get(fault.id)!]] : []))),
    facts: failure === undefined ? await scene.facts(DISTURBED) : undefined,
    failure,
  }
}

/** One whose moment did not come, for the next start. */
function soon(fault: Fault, files: number): Fault {
  if (fault.kind !== 'kill-engine') return { ...fault, afterFiles: 0 }
  return {
    ...fault,
    at: fault.at === 'export' ? 'export' : 'files',
    afterFiles: Math.min(fault.afterFiles, Math.ceil(files / 3)),
  }
}

function failureOf(end: LegEnd): ChaosLoss | undefined {
  if (end.type === 'ended' || end.type === 'killed') return undefined
  const told =
    end.type === 'failed'
      ? `The disturbed run gave up: ${end.message} (${end.code})`
      : end.type === 'hung'
        ? `Nothing was heard of the disturbed run's engine for ${end.seconds} s; it was ended.`
        : `The disturbed run's engine ended by itself: ${end.how}`
  return { kind: 'not-ended', run: 'disturbed', path: null, told }
}

const KINDS: readonly FaultKind[] = [
  'kill-engine',
  'stall-engine',
  'kill-worker',
  'hang-worker',
  'slow-worker',
  'damage-file',
]

function countsOf(all: readonly Fault[], made: ReadonlyMap<number, string>): FaultCount[] {
  return KINDS.flatMap((kind) => {
    const planned = all.filter((fault) => fault.kind === kind)
    if (planned.length === 0) return []
    return [{ kind, planned: planned.length, made: planned.filter(({ id }) => made.has(id)).length }]
  })
}
