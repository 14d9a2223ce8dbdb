import { mkdirSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { entryUrl } from '../entry-url.ts'
import type { Books } from '../ledger/ledger.ts'
import { loadProcessors, processorFor } from '../processor/load-processors.ts'
import { type Processor, tagOf } from '../processor/processor.ts'
import { type ChaosOptions, type CheckedChaosOptions, checkChaosOptions } from './chaos-options.ts'
import { ChaosScene } from './chaos-scene.ts'
import { makePlace } from './cluster-place.ts'
import { type CopiedTree, copyTree } from './copy-tree.ts'
import { type Disturbance, disturb, type FaultCount } from './disturb.ts'
import { planFaults } from './fault-plan.ts'
import { type ChaosLoss, isDeath, type ProcessorFault } from './judge.ts'
import { judgeRuns } from './judge-runs.ts'
import { leftBehind } from './left-behind.ts'
import type { RefusedFile, RunFacts } from './run-facts.ts'
import { writeSampleTree } from './sample-tree.ts'

/** What was tried, and what came of it. */
export interface ChaosReport {
  /** `lost` counts before `faulty`. */
  readonly verdict: 'sound' | 'faulty' | 'lost'
  /** Gives the same plan of faults over the same tree again. */
  readonly seed: number
  /** The tree that was copied, or null where it was made up. */
  readonly root: string | null
  /** `name@version` of each. */
  readonly processors: readonly string[]
  /** Files copied, and files there are. */
  readonly files: number
  readonly found: number
  /** Files that could not be copied, and so were not tried. */
  readonly unreadable: readonly string[]
  /** How often the engine was started, the undisturbed runs apart. */
  readonly starts: number
  /** Faults by kind, planned and made. */
  readonly disturbances: readonly FaultCount[]
  /** Of the disturbed run at its end. */
  readonly books: Books
  /** Whether its output was that of an undisturbed run, byte for byte. */
  readonly identical: boolean
  readonly losses: readonly ChaosLoss[]
  readonly faults: readonly ProcessorFault[]
  /** Files that the processor refused with an error of its own, with what was done to them: that is its right. */
  readonly refused: readonly (RefusedFile & { readonly path: string; readonly damage: string | null })[]
  /** Where copy, ledgers and outputs lie, or null where they are gone. */
  readonly folder: string | null
  readonly seconds: number
}

/** What the run is made with; a test puts a broken engine in here. */
export interface ChaosPorts {
  readonly clock?: Clock
  /** The entry of the engine's process. */
  readonly driver?: URL
}

/**
 * Runs the engine over a copy of a tree while it and its workers are killed, stopped and slowed and files are damaged, as a seed says; then shows
 * whether every file is accounted for, whether the output is that of an undisturbed run, and what is wrong with the processor: files for which it is not
 * deterministic, which crash, hang or exhaust it, and memory that it keeps.
 *
 * Three jobs: one left alone, one disturbed and resumed until all planned faults are made and it is at its end, and one left alone over the tree as it
 * then is. With `postgres` the disturbed one is coordinated there, in schemas of its own, and done by worker processes that outlive its coordinators. All else in a temporary folder, in processes of their own; the tree is only read.
 * @throws {MillraceError} `OPTION_INVALID`, those of `discoverFiles` and of loading processors, `CHAOS_NOTHING_TAKEN` where no file is taken,
 * `CHAOS_NOT_BEGUN` where even the run that is left alone does not end; the signal's reason.
 */
export async function runChaos(options: ChaosOptions, ports: ChaosPorts = {}): Promise<ChaosReport> {
  const checked = checkChaosOptions(options)
  const { clock = systemClock, driver = entryUrl('./engine-driver', import.meta.url) } = ports
  const base = process.cwd()
  const specifiers = checked.processors.map((name) => [name, ...checked.transforms].join(' | '))
  const processors = await loadProcessors(specifiers, base)
  const startedMs = clock.now()
  await using place = checked.postgres === undefined ? undefined : await makePlace(checked.postgres)
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'millrace-chaos-')))
  try {
    const copied = await copy(checked, processors, folder)
    const { files } = copied
    const paths = files.map(({ path }) => path)
    const { seed, kills, deadlineSeconds } = checked
    const canStop = process.platform !== 'win32'
    const plan = planFaults({ seed, kills, paths, deadlineMs: deadlineSeconds * 1000, canStop })
    const starts = plan.length
    await using scene = new ChaosScene({ folder, base, chaos: checked, files, starts, driver, place, clock })
    const first = await undisturbed(scene, 'first', checked)
    const disturbance = await disturb(scene, plan, { paths, first }, checked)
    if (disturbance.failure !== undefined && disturbance.facts === undefined) {
      return reportOf(disturbance, [disturbance.failure], [])
    }
    const last = await undisturbed(scene, 'last', checked)
    const disturbed = disturbance.facts!
    const trial = { scene, checked, specifiers, base, folder, clock }
    const judged = await judgeRuns(trial, files, { first, disturbed, last }, disturbance)
    const behind = (await leftBehind(scene.workers, clock)).map(
      (pid): ChaosLoss => ({
        kind: 'left-behind',
        run: 'disturbed',
        path: null,
        told: `The worker process ${pid} outlived its engine, and was ended.`,
      }),
    )
    return reportOf(disturbance, [...judged.losses, ...behind], judged.faults, last)

    function reportOf(
      { counts, damaged, starts, facts }: Disturbance,
      losses: readonly ChaosLoss[],
      found: readonly Omit<ProcessorFault, 'processor'>[],
      last?: RunFacts,
    ): ChaosReport {
      const tags = new Map(files.map((file) => [file.path, tagOf(processorFor(processors, file) ?? processors[0]!)]))
      const faults = found.map((fault) => ({
        ...fault,
        processor: tags.get(fault.path ?? '') ?? tagOf(processors[0]!),
      }))
      const refused = [...(last?.quarantined ?? [])]
        .filter(([, { code }]) => !isDeath(code))
        .map(([path, { code, message }]) => ({ path, code, message, damage: damaged.get(path) ?? null }))
      return {
        verdict: losses.length > 0 ? 'lost' : faults.length > 0 ? 'faulty' : 'sound',
        seed,
        root: checked.dir === undefined ? null : resolve(base, checked.dir),
        processors: processors.map(tagOf),
        files: files.length,
        found: copied.found,
        unreadable: copied.unreadable,
        starts,
        disturbances: counts,
        books: facts?.books ?? { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 },
        identical: facts !== undefined && facts.digest === last?.digest,
        losses,
        faults,
        refused,
        folder: checked.keep ? folder : null,
        seconds: (clock.now() - startedMs) / 1000,
      }
    }
  } finally {
    if (!checked.keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function copy(
  checked: CheckedChaosOptions,
  processors: readonly Processor[],
  folder: string,
): Promise<CopiedTree> {
  const { dir, discover, files: maxFiles, seed, signal, onStep } = checked
  const sample = join(folder, 'sample')
  if (dir === undefined) writeSampleTree(sample, maxFiles, seed)
  mkdirSync(join(folder, 'tree'))
  const copied = await copyTree(dir ?? sample, join(folder, 'tree'), { discover, processors, maxFiles, seed, signal })
  if (copied.files.length === 0) {
    const names = processors.map(({ name }) => `"${name}"`).join(', ')
    const where =
      dir === undefined ? 'the made-up tree; name a folder with files that it takes' : `${dir}; name another folder`
    throw new MillraceError('CHAOS_NOTHING_TAKEN', `${names} takes none of the files of ${where}.`, {
      detail: { processors: processors.map(tagOf), dir: dir ?? null, unreadable: copied.unreadable },
    })
  }
  onStep({ type: 'copied', files: copied.files.length, found: copied.found, seed })
  return copied
}

/** @throws {MillraceError} `CHAOS_NOT_BEGUN`. */
async function undisturbed(
  scene: ChaosScene,
  run: 'first' | 'last',
  { onStep }: CheckedChaosOptions,
): Promise<RunFacts> {
  onStep({ type: 'undisturbed', run })
  const { end } = await scene.start(run, 'run')
  if (end.type === 'ended') return scene.facts(run)
  const why = end.type === 'failed' ? `${end.message} (${end.code})` : `Its engine ${end.type}.`
  throw new MillraceError('CHAOS_NOT_BEGUN', `A run that nothing disturbs does not come to its end. ${why}`, {
    detail: { run, end },
  })
}
