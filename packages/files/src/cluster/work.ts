import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { openRoot } from '../discovery/root.ts'
import { type BatchConfig, resolveConfig } from '../engine/config.ts'
import { createWorkers } from '../engine/create-workers.ts'
import { thisMachine } from '../engine/machine.ts'
import { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import type { PostgresLedgerOptions } from '../ledger/postgres/postgres-options.ts'
import { loadProcessors } from '../processor/load-processors.ts'
import { tagOf } from '../processor/processor.ts'
import { AwayNotice } from './away-notice.ts'
import { openBoard } from './open-board.ts'
import { failureOf } from './passing.ts'
import { type Run, readRun } from './run-row.ts'
import { wait } from './wait.ts'
import type { WorkEvent } from './work-event.ts'
import { type SessionEnd, WorkSession } from './work-session.ts'
import { joinWorkers, leaveWorkers, stayWorker, type WorkerState } from './worker-registry.ts'

export interface WorkOptions {
  /** Where the job is coordinated: as the ledger's. */
  readonly ledger: Pick<PostgresLedgerOptions, 'url' | 'connection' | 'schema'>
  /** The tree, the same commit as the coordinator's. */
  readonly root: string
  /** Worker processes, 1 to 1024. @default the machine's cores */
  readonly workerCount?: number
  /** What of the job's configuration is this machine's to say. */
  readonly config?: Pick<
    BatchConfig,
    'memoryLimitMb' | 'workerHeapMb' | 'recycleAfterFiles' | 'recycleAboveMb' | 'maxPauseSeconds'
  >
  /** Ends when the job is over, instead of waiting for the next one. @default false */
  readonly once?: boolean
  /** Asks it to leave: what is in hand is finished, the rest given back. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: WorkEvent) => void
  /** @default the system's */
  readonly clock?: Clock
}

/** A worker without a job looks for one this often, milliseconds. */
const LOOK_EVERY_MS = 100
/** … and shows a sign of life this often. */
const BEAT_EVERY_MS = 2000
/** A worker with more processes than this has them share, as a server does not have many to give. */
const MOST_CONNECTIONS = 64
/** One that finds no database when it starts tries again this often. */
const OPEN_AGAIN_MS = 1000

/**
 * Works at whatever job is coordinated over a ledger in PostgreSQL: claims batches, processes their files in isolated worker processes, commits.
 * Settles when `signal` aborts, or with `once` when the job is over.
 *
 * Any number of machines may call it, and leave, at any time. A batch is one worker's at a time; what a worker that is cut off or stopped comes
 * back with late is refused, file by file nothing is lost and nothing twice. A database that is away is waited for; when it starts, for
 * `maxPauseSeconds` at most.
 * @throws {MillraceError} `ROOT_MISSING`, `OPTION_INVALID`, `LEDGER_…` where there is no way to the database; `WORKER_DIFFERS` where a processor is
 * another version than the job's, `CHECKOUT_DIFFERS` where the tree is another; `PROCESSOR_…`.
 */
export async function work(options: WorkOptions): Promise<void> {
  const { clock = systemClock, signal = new AbortController().signal, onEvent = () => {}, once = false } = options
  const root = await openRoot(resolve(options.root))
  const machine = thisMachine()
  const here = resolveConfig(configOf(options), machine, process.cwd())
  const { workerCount: slots, maxPauseSeconds } = here
  const connections = Math.min(MOST_CONNECTIONS, slots + 4)
  const patiently = patience(maxPauseSeconds * 1000)
  const opened = await patiently(() => LedgerDatabase.open({ ...options.ledger, connections }))
  if (opened === undefined) return
  await using database = opened
  const openedBoard = await patiently(() => openBoard(database))
  if (openedBoard === undefined) return
  await using board = openedBoard
  const name = `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`
  const identity = { host: hostname(), pid: process.pid }
  const nothing = { busy: 0, files: 0, busyMs: 0, replaced: 0, rssMb: 0, cpuMs: 0 }
  const idle: WorkerState = { ...identity, ...nothing, epoch: null, limit: slots, short: null }
  const number = await patiently(() =>
    joinWorkers(database, name, slots, idle).catch((error) => Promise.reject(database.failure(error))),
  )
  if (number === undefined) return
  const worker = { number, name, slots }
  onEvent({ type: 'work-joined', name, slots })
  try {
    let done: Run | undefined
    while (!signal.aborted) {
      const run = await nextRun()
      if (run === undefined) return
      const end = await workOn(run)
      done = run
      if (once && end !== 'replaced') return
    }

    /** Whether the job that this worker was for has ended: what took the place of its coordinator is not at work on it. */
    function isOver(run: Run | undefined): boolean {
      return once && done !== undefined && (run?.jobId !== done.jobId || run.phase === 'over')
    }

    /** The next run to work at, or undefined where the worker was asked to leave first, or has done its job. */
    async function nextRun(): Promise<Run | undefined> {
      let told = false
      const notice = new AwayNotice({ clock, onEvent })
      let nextBeatMs = 0
      for (;;) {
        if (signal.aborted) return undefined
        try {
          const run = await readRun(database)
          if (isOver(run)) return undefined
          if (run !== undefined && run.phase !== 'over' && run.epoch !== done?.epoch) {
            await database.expectKnownVersion()
            return run
          }
          if (clock.now() >= nextBeatMs) {
            await stayWorker(database, worker, idle)
            nextBeatMs = clock.now() + BEAT_EVERY_MS
            notice.written()
          }
        } catch (thrown) {
          notice.away(failureOf(database, thrown))
        }
        if (!told) onEvent({ type: 'work-waiting' })
        told = true
        await wait(clock, LOOK_EVERY_MS, signal)
      }
    }

    async function workOn(run: Run): Promise<SessionEnd> {
      const { processors, base } = hereOf(run, root)
      const { timeoutSeconds, retryAttempts, maxFileBytes, checkpointInterval, maxPauseSeconds } = run.config
      const jobs = { processors, timeoutSeconds, retryAttempts, maxFileBytes, checkpointInterval, maxPauseSeconds }
      const config = resolveConfig({ ...configOf(options), ...jobs }, machine, base)
      // They take longest to start, so they are first.
      await using workers = createWorkers({ clock, root, base, config: () => config, fork: undefined, emit: onEvent })
      workers.warm(slots)
      checkProcessors(run, (await loadProcessors(processors, base)).map(tagOf))
      onEvent({ type: 'work-began', jobId: run.jobId, root })
      const place = { clock, database, board, run, worker, workers, config, machine, identity }
      return await new WorkSession({ ...place, emit: onEvent }).run(signal)
    }
  } finally {
    await leaveWorkers(database, name).catch(() => {})
  }

  /** Makes calls of a database that may be away, for so long in all; they give undefined where the worker was asked to leave first. */
  function patience(patienceMs: number) {
    const untilMs = clock.now() + patienceMs
    const notice = new AwayNotice({ clock, onEvent, patienceMs })
    return async <T>(call: () => Promise<T>): Promise<T | undefined> => {
      for (;;) {
        try {
          return await call()
        } catch (error) {
          if (clock.now() >= untilMs) throw error
          notice.away(error)
        }
        await wait(clock, OPEN_AGAIN_MS, signal)
        if (signal.aborted) return undefined
      }
    }
  }
}

function configOf({ workerCount, config }: WorkOptions): BatchConfig {
  return { ...config, ...(workerCount !== undefined && { workerCount }), sink: null }
}

/** The job's processors as they are found from here: what lies in or beside the coordinator's tree lies in or beside this one. */
function hereOf(
  { root, config }: Run,
  here: string,
): { readonly processors: readonly string[]; readonly base: string } {
  const place = (path: string) => resolve(here, relative(root, path))
  const module = (name: string) => {
    const path = resolve(config.base, name)
    const isInTree = !relative(root, path).startsWith('..') && existsSync(place(path))
    return isInTree || (isAbsolute(name) && !existsSync(name)) ? place(path) : name
  }
  // A processor with the transforms behind it.
  const processors = config.processors.map((specifier) => specifier.split(' | ').map(module).join(' | '))
  return { processors, base: existsSync(config.base) ? config.base : place(config.base) }
}

/** @throws {MillraceError} `WORKER_DIFFERS`. */
function checkProcessors({ jobId, tags }: Run, here: readonly string[]): void {
  const other = tags.findIndex((tag, index) => here[index] !== tag)
  if (other === -1) return
  throw new MillraceError(
    'WORKER_DIFFERS',
    `Job ${jobId} is processed by ${tags[other]}, and this worker has ${here[other]}. Install the same version of it, and of Millrace, then start the worker again.`,
    { detail: { jobId, wanted: tags, here } },
  )
}
