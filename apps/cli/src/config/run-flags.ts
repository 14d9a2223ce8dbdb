import { type BatchConfig, BatchPriority, type PriorityRule } from '@millrace/files'
import { levelOf } from './config-schema.ts'
import { readGlob, refuseFlag } from './flag-values.ts'
import type { LogLevel } from './log-level.ts'

/** Flags that say which ledger and configuration a command works with. */
export interface PlaceFlags {
  readonly state?: string
  /** The address of a PostgreSQL that has the ledger. */
  readonly postgres?: string
  readonly config?: string
  readonly profile?: string
}

/** Flags that say how a job works and what it tells: of every command that does one. */
export interface HostFlags extends PlaceFlags {
  readonly workers?: number
  readonly memory?: number
  readonly deadline?: number
  readonly batchSize?: number
  readonly maxPause?: number
  /** true where no folder was named. */
  readonly cpuProf?: string | true
  /** true where no level was named. */
  readonly queue?: BatchPriority | true
  /** The port; 0 for any. */
  readonly metrics?: number
  readonly json?: boolean
  readonly quiet?: boolean
  readonly logLevel?: LogLevel
}

/** What `millrace files run` was given, as the command line parser hands it over. */
export interface RunFlags extends HostFlags {
  readonly processor?: readonly string[]
  readonly transform?: readonly string[]
  readonly sink?: string
  readonly out?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly hidden?: boolean
  readonly vendor?: boolean
  /** false where `--no-gitignore` was given; true says nothing. */
  readonly gitignore?: boolean
  readonly followSymlinks?: boolean
  /** Each `LEVEL:GLOB`. */
  readonly priority?: readonly string[]
  readonly verify?: boolean
  readonly fresh?: boolean
}

/** Where `--cpu-prof` without a folder puts its profiles. */
const PROFILE_DIR = 'millrace-profiles'

/**
 * The part of the engine's configuration that the flags speak of, but for the place; what they leave out is not in it.
 * @throws {MillraceError} `FLAG_INVALID` where they contradict each other.
 */
export function configOfFlags(flags: RunFlags): BatchConfig {
  if (flags.verify === true && flags.fresh === true) refuseFlag('--verify', 'alone, without --fresh', '--fresh')
  const discover: BatchConfig['discover'] = {
    ...(flags.include !== undefined && { include: flags.include }),
    ...(flags.exclude !== undefined && { exclude: flags.exclude }),
    ...(flags.hidden === true && { hidden: true }),
    ...(flags.vendor === true && { vendor: true }),
    ...(flags.gitignore === false && { gitignore: false }),
    ...(flags.followSymlinks === true && { followSymlinks: true }),
  }
  return {
    ...(flags.processor !== undefined && { processors: flags.processor }),
    ...(flags.transform !== undefined && { transforms: flags.transform }),
    ...(flags.sink !== undefined && { sink: flags.sink === 'none' ? null : flags.sink }),
    ...(flags.out !== undefined && { out: flags.out }),
    ...(flags.workers !== undefined && { workerCount: flags.workers }),
    ...(flags.memory !== undefined && { memoryLimitMb: flags.memory }),
    ...(flags.deadline !== undefined && { timeoutSeconds: flags.deadline }),
    ...(flags.batchSize !== undefined && { batchSize: flags.batchSize }),
    ...(flags.maxPause !== undefined && { maxPauseSeconds: flags.maxPause }),
    ...(flags.cpuProf !== undefined && { cpuProfDir: flags.cpuProf === true ? PROFILE_DIR : flags.cpuProf }),
    ...(flags.verify === true && { reuse: 'hash' }),
    ...(flags.fresh === true && { reuse: 'none' }),
    ...(flags.priority !== undefined && { priority: flags.priority.map(readPriority) }),
    ...(Object.keys(discover).length > 0 && { discover }),
  }
}

/** The level at which a job waits for the ledger, or undefined where it does not. */
export function queueOf({ queue }: HostFlags): BatchPriority | undefined {
  return queue === true ? BatchPriority.MEDIUM : queue
}

/**
 * Reads the level that `--queue` was given.
 * @throws {MillraceError} `FLAG_INVALID` with the value and what is allowed.
 */
export function readLevel(flag: string, text: string): BatchPriority {
  return levelOf(text) ?? refuseFlag(flag, `a level of ${Object.keys(BatchPriority).join(', ')}`, text)
}

/**
 * Reads what `--priority` was given, `LEVEL:GLOB`, for example `high:src/**`.
 * @throws {MillraceError} `FLAG_INVALID` with the value and what is allowed.
 */
export function readPriority(text: string): PriorityRule {
  const colon = text.indexOf(':')
  const priority = levelOf(text.slice(0, Math.max(0, colon)))
  const glob = text.slice(colon + 1)
  if (priority === undefined || glob === '') {
    const levels = Object.keys(BatchPriority).join(', ')
    return refuseFlag('--priority', `LEVEL:GLOB with a level of ${levels}, such as HIGH:src/**`, text)
  }
  return { priority, glob: readGlob('--priority', glob) }
}
