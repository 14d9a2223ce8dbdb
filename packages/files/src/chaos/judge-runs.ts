import type { Clock } from '@millrace/kernel/clock'
import type { DiscoveredFile } from '../file.ts'
import type { CheckedChaosOptions } from './chaos-options.ts'
import type { ChaosScene } from './chaos-scene.ts'
import type { Disturbance } from './disturb.ts'
import { type ChaosLoss, type ChaosRun, compareRuns, lossesOf, type ProcessorFault } from './judge.ts'
import type { LeakFacts } from './leak.ts'
import { type ProbeFacts, type ProbeOptions, probe } from './probe.ts'
import type { RunFacts } from './run-facts.ts'

/** Files that a probe has again and again. */
const PROBED = 200
const REPEATS = 2
const WEIGHINGS = 3
/** Files that came to something else while others were killed, and are tried by themselves as often as this. */
const SUSPECTS = 50
const SUSPECT_REPEATS = 20

/** Where a processor can be tried by itself. */
export interface Trial {
  readonly scene: ChaosScene
  readonly checked: CheckedChaosOptions
  readonly specifiers: readonly string[]
  readonly base: string
  readonly folder: string
  readonly clock: Clock
}

/**
 * What three runs and a trial of the processor by itself say together. What the disturbed run made differently is the processor's fault where it does the same when it is
 * left alone, and a loss where it does not.
 */
export async function judgeRuns(
  trial: Trial,
  files: readonly DiscoveredFile[],
  runs: Readonly<Record<ChaosRun, RunFacts>>,
  { damaged, failure }: Disturbance,
): Promise<{ losses: readonly ChaosLoss[]; faults: readonly Omit<ProcessorFault, 'processor'>[] }> {
  const { checked } = trial
  const paths = files.map(({ path }) => path)
  const compared = compareRuns(paths, runs, damaged)
  const losses = (['first', 'disturbed', 'last'] as const).flatMap((run) => lossesOf(run, paths, runs[run]))
  const blamed = new Set(compared.faults.map(({ path }) => path))
  const faults: Omit<ProcessorFault, 'processor'>[] = [...compared.faults]
  const take = (facts: ProbeFacts) => {
    for (const path of facts.unsteady) {
      if (blamed.has(path)) continue
      blamed.add(path)
      faults.push({ kind: 'not-deterministic', path, seen: 'In one process its record was another the next time.' })
    }
    if (facts.ended === undefined || blamed.has(facts.ended.path)) return
    const { path, how, told } = facts.ended
    blamed.add(path)
    faults.push({ kind: how === 'hung' ? 'hang' : 'crash', path, seen: `Given again in the same process, it ${told}.` })
  }
  const suspected = new Set(compared.suspects.flatMap(({ path }) => (path === null ? [] : [path])))
  const healthy = files.filter(({ path }) => !blamed.has(path) && !suspected.has(path))
  const sample = everyNth(healthy, PROBED)
  checked.onStep({ type: 'probe', files: sample.length })
  const facts = await probed(trial, sample, { repeats: REPEATS, weighings: WEIGHINGS })
  take(facts)
  // Weighed once more, with each file: it names them, and what was only code getting warm has gone by.
  if (facts.grew) {
    const each = await probed(trial, sample, { repeats: 1, weighings: WEIGHINGS, weighsEach: true })
    if (each.leak !== undefined) faults.push(...leaksOf(each.leak))
  }
  for (const suspect of compared.suspects.slice(0, SUSPECTS)) {
    const file = files.find(({ path }) => path === suspect.path)
    if (file !== undefined) take(await probed(trial, [file], { repeats: SUSPECT_REPEATS, weighings: 0 }))
  }
  const unexplained = compared.suspects.filter(({ path }) => !blamed.has(path ?? ''))
  return {
    losses: [...(failure === undefined ? [] : [failure]), ...losses, ...compared.losses, ...unexplained],
    faults,
  }
}

function probed(
  { scene, checked, specifiers, base, folder, clock }: Trial,
  files: readonly DiscoveredFile[],
  how: Pick<ProbeOptions, 'repeats' | 'weighings'> & { readonly weighsEach?: boolean },
): Promise<ProbeFacts> {
  const { signal, deadlineSeconds } = checked
  const { root } = scene
  const deadlineMs = deadlineSeconds * 1000
  return probe({
    root,
    processors: specifiers,
    base,
    files,
    weighsEach: false,
    ...how,
    folder,
    deadlineMs,
    clock,
    signal,
  })
}

function leaksOf({ bytesAFile, files }: LeakFacts): Omit<ProcessorFault, 'processor'>[] {
  const kb = (bytes: number) => `${Math.max(1, Math.round(bytes / 1024))} KB`
  if (files.length === 0) {
    const seen = `It keeps about ${kb(bytesAFile)} of memory for every file it has had, and gives none of it back.`
    return [{ kind: 'leak', path: null, seen }]
  }
  return files.map(({ path, bytes }) => ({
    kind: 'leak',
    path,
    seen: `Each time it has had this file, it keeps ${kb(bytes)} more of memory.`,
  }))
}

/** At most so many of the items, evenly from the first to the last. */
function everyNth<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from({ length: most }, (_, n) => items[Math.floor((n * items.length) / most)]!)
}
