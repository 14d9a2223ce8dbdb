import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkNumber } from '@millrace/kernel/options'
import type { DiscoverOptions } from '../discovery/discovery.ts'
import type { ChangedPart } from '../engine/job-session.ts'
import type { RepositoryProcessingResult } from '../engine/result.ts'
import { changedPlaces } from './changed-places.ts'
import { LaterExport, type LaterExportPorts } from './later-export.ts'
import type { OpenTreeWatcher } from './tree-watcher.ts'
import { WatchPlan, type WatchTimes } from './watch-plan.ts'
import { WatchedRoot } from './watched-root.ts'

export interface WatchOptions {
  /** Ends the watch: batches in hand are finished and committed. */
  readonly signal?: AbortSignal
  /** A few edits are run over once nothing has changed for so long, milliseconds. @default 100 */
  readonly quietMs?: number
  /** Many changes at once, once nothing has changed for so long, milliseconds. @default 500 */
  readonly bulkQuietMs?: number
  /** The longest a change waits for the tree to be quiet, milliseconds. @default 10000 */
  readonly maxWaitMs?: number
  /** More changed paths than these are many: then the whole tree is walked, and not only looked at where something has changed. @default 50 */
  readonly fewPaths?: number
  /**
   * The whole tree is walked too once nothing has changed for so long, milliseconds, and where it is never quiet after ten times that: for changes that no watcher
   * told of. Where links are followed, behind which nobody watches, it is walked so often all the time. @default 60000
   */
  readonly lookAllMs?: number
}

/** A run over a watched tree. */
export interface WatchedRun {
  readonly result: RepositoryProcessingResult
  /** Paths that were told to have changed before it; 0 for the first run, which looks at all of them. */
  readonly changes: number
  /** Whether it was broken off because a few files were edited that are more urgent; the next run goes on with the rest. */
  readonly brokenOff: boolean
}

/** A run, as the watch asks for one. */
export interface RunOrder {
  readonly signal: AbortSignal
  /** Paths below the root, with `/` between their parts, that are to be done before all others. */
  readonly urgent: readonly string[]
  /** Where to look, where that is not everywhere. */
  readonly changed: ChangedPart | undefined
  /** Whether the output is written before the job is done. */
  readonly exports: boolean
  /** Whether no run has gone to its end yet: kept results may be wanted anew then, and only then. */
  readonly begins: boolean
}

export interface WatchPorts {
  readonly clock: Clock
  readonly openWatcher: OpenTreeWatcher
  readonly run: (order: RunOrder) => Promise<RepositoryProcessingResult>
  /** Writes what a job has come to that did not export; undefined where the signal broke it off. */
  readonly renew: LaterExportPorts['renew']
  /** Another text whenever the rules by which files above the root ignore some in it may be others. */
  readonly rulesAbove: (root: string) => string
  /** Files that the run under way has still to settle, as far as they are known. */
  readonly left: () => number
}

/** What is watched. */
export interface WatchPlaces {
  /** The tree, as the user has named it. */
  readonly root: string
  /** Folders and files of the engine's own, which change with every run. */
  readonly ownPaths: readonly string[]
  /** Which files are part of the tree. */
  readonly discover: Omit<DiscoverOptions, 'signal'>
}

/** A run with fewer files left is over soon, and is let be. */
const LONG_RUN_FILES = 500
/** How often a watched tree is looked for. */
const LOOK_EVERY_MS = 2000

/**
 * Runs over a tree, and again whenever it has changed: the first run brings in what changed while nobody watched.
 *
 * The watcher is only asked where to look, never what is there: a run looks at the paths that it told of, by the rules of a walk. All of the tree is walked by the
 * first run, where many paths changed, where changes were lost or rules above the root are others, where another job has been over the tree meanwhile, and once it is quiet
 * after edits. What has not changed is not processed again. So watch and batch give the same results.
 *
 * Where another folder has taken the place of the tree, by a link that leads elsewhere or a move, that is walked, and watched from then on.
 *
 * The first run writes the output; of later ones it is written when nothing else is to be done, and at the end of the watch.
 * @throws {MillraceError} as a run does; `OPTION_INVALID`, `PEER_MISSING`, `WATCH_FAILED`; `ROOT_MISSING` once the tree is gone.
 */
export async function* watchTree(
  places: WatchPlaces,
  options: WatchOptions,
  ports: WatchPorts,
): AsyncGenerator<WatchedRun, void, undefined> {
  const { clock } = ports
  const times = timesOf(options)
  const plan = new WatchPlan(times)
  const wake = new Wake(clock)
  const end = options.signal ?? new AbortController().signal
  const onEnd = () => wake.now()
  end.addEventListener('abort', onEnd)
  const watched = () =>
    WatchedRoot.open({
      place: places.root,
      ownPaths: places.ownPaths,
      vendor: places.discover.vendor === true,
      openWatcher: ports.openWatcher,
      onChange: (path) => {
        plan.changed(path, clock.now())
        wake.now()
      },
    })
  let tree = await watched()
  const output = new LaterExport({
    clock,
    renew: ports.renew,
    maxWaitMs: times.maxWaitMs,
    onSuperseded: () => {
      plan.changed('', clock.now())
      wake.now()
    },
    onFailure: () => wake.now(),
  })
  const { gitignore = true, followSymlinks = false } = places.discover
  const placeRules = { fewPaths: times.fewPaths, gitignore, followSymlinks }
  let failed = false
  try {
    /** The last job, where it went to its end: what the ledger has is what the tree had. */
    let since: string | undefined
    let begins = true
    let rulesAbove = ''
    for (let first = true; !end.aborted; first = false) {
      if (!first) await untilDue(plan, wake, clock, tree, end, output)
      if (end.aborted) break
      if (!first && tree.state() === 'another') {
        await tree[Symbol.asyncDispose]()
        tree = await watched()
        since = undefined
      }
      await output.stepAside()
      const { paths, urgent, everywhere } = plan.begin(clock.now())
      const rules = ports.rulesAbove(tree.path)
      const where = rules === rulesAbove && !everywhere ? changedPlaces(paths, placeRules) : undefined
      const changed = since === undefined || where === undefined ? undefined : { since, paths: where }
      rulesAbove = rules
      const breakOff = new AbortController()
      const signal = AbortSignal.any([end, breakOff.signal])
      const running = ports.run({ signal, urgent, changed, exports: first, begins })
      const result = await besideEdits(running, plan, wake, ports, breakOff)
      const finished = !result.interrupted
      const changedAnything = result.statistics.batchesDone + result.removed > 0
      // Of what changes behind links nobody is told: that is looked for again and again.
      const lookedAtAll = changed === undefined && !followSymlinks
      plan.end({ changedAnything, finished, lookedAtAll }, clock.now())
      since = finished && result.balanced ? result.jobId : undefined
      begins &&= !finished
      if (finished && !first && (changedAnything || output.owed)) output.owe(result.jobId)
      const isNews = result.books.delivered > result.reused || result.removed > 0
      // Nobody has to hear that a look at all of the tree found what was known.
      if (paths.size === 0 && !first && finished && !isNews) continue
      yield { result, changes: first ? 0 : paths.size, brokenOff: breakOff.signal.aborted && result.interrupted }
    }
  } catch (error) {
    failed = true
    throw error
  } finally {
    end.removeEventListener('abort', onEnd)
    await tree[Symbol.asyncDispose]()
    // What ended the watch is what there is to tell.
    await (failed ? output.finish().catch(() => {}) : output.finish())
    wake.close()
  }
}

function timesOf(options: WatchOptions): WatchTimes {
  const { quietMs = 100, bulkQuietMs = 500, maxWaitMs = 10_000, fewPaths = 50, lookAllMs = 60_000 } = options
  const ms = (name: string, value: number) => checkNumber('WatchOptions', name, value, { min: 0, max: 86_400_000 })
  return {
    quietMs: ms('quietMs', quietMs),
    bulkQuietMs: ms('bulkQuietMs', bulkQuietMs),
    maxWaitMs: ms('maxWaitMs', maxWaitMs),
    fewPaths: checkNumber('WatchOptions', 'fewPaths', fewPaths, { min: 0, max: 1_000_000 }),
    lookAllMs: ms('lookAllMs', lookAllMs),
  }
}

/** Settles when the next run is to begin, or the watch to end. */
async function untilDue(
  plan: WatchPlan,
  wake: Wake,
  clock: Clock,
  tree: WatchedRoot,
  end: AbortSignal,
  output: LaterExport,
): Promise<void> {
  while (!end.aborted) {
    output.throwIfFailed()
    const state = tree.state()
    if (state === 'gone') throw vanished(tree.path)
    if (state === 'another') return
    const due = plan.due()
    const now = clock.now()
    // git has its lock while it changes many files: what it leaves is one run.
    const isBusy =
      due !== undefined && due <= now && existsSync(join(tree.path, '.git', 'index.lock')) && due > now - LOOK_EVERY_MS
    if (due !== undefined && due <= now && !isBusy) return
    await wake.within(isBusy ? 50 : Math.min(LOOK_EVERY_MS, (due ?? Number.POSITIVE_INFINITY) - now))
  }
}

/** Lets a run go on, and breaks it off where it has long to go and a few files are edited meanwhile. */
async function besideEdits(
  running: Promise<RepositoryProcessingResult>,
  plan: WatchPlan,
  wake: Wake,
  { clock, left }: WatchPorts,
  breakOff: AbortController,
): Promise<RepositoryProcessingResult> {
  let over = false
  const settled = running.finally(() => {
    over = true
    wake.now()
  })
  // Awaited below.
  settled.catch(() => {})
  while (!over && !breakOff.signal.aborted) {
    const due = plan.preemptDue()
    const now = clock.now()
    if (due !== undefined && due <= now && left() > LONG_RUN_FILES) {
      plan.preempt(now)
      breakOff.abort(new DOMException('Files were edited that come first', 'AbortError'))
    } else await wake.within(due === undefined ? LOOK_EVERY_MS : Math.max(LOOK_EVERY_MS / 20, due - now))
  }
  return settled
}

function vanished(root: string): MillraceError {
  return new MillraceError(
    'ROOT_MISSING',
    `There is no folder "${root}" any more, so there is nothing left to watch. What it came to is in the ledger.`,
    { detail: { root } },
  )
}

/** Somebody sleeps, and is woken by time or by what happens; what happened before the sleep ends it at once. */
class Wake {
  readonly #clock: Clock
  #timer: Timer | undefined
  #resolve: (() => void) | undefined
  #happened = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): void {
    this.#happened = true
    this.#resolve?.()
  }

  async within(ms: number): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
        this.#timer = this.#clock.after(ms, resolve)
      })
      this.close()
    }
    this.#happened = false
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#resolve = undefined
  }
}
