import { randomInt } from 'node:crypto'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import type { DiscoverOptions } from '../discovery/discovery.ts'

/** What is to be tried, and how hard. */
export interface ChaosOptions {
  /** Processors, as in `BatchConfig.processors`. */
  readonly processors: readonly string[]
  /** As in `BatchConfig.transforms`. @default none */
  readonly transforms?: readonly string[]
  /** The tree, which is only read. @default a made-up one of ten languages */
  readonly dir?: string
  /** Which files of it. */
  readonly discover?: Omit<DiscoverOptions, 'signal'>
  /** Decides which files are copied, and what goes wrong when, 0 to 2³¹ − 1. @default drawn by lot */
  readonly seed?: number
  /** Kills of engines and workers together, 1 to 500. @default 20 */
  readonly kills?: number
  /** Most files that are copied, 1 to 100000. @default 1000 */
  readonly files?: number
  /** Worker processes, 1 to 64. @default 2 */
  readonly workers?: number
  /** The deadline of one file, seconds, 0.5 to 3600. @default 5 */
  readonly deadlineSeconds?: number
  /** Heap of one worker process, MB, at least 32. @default as the engine has it */
  readonly heapMb?: number
  /** A PostgreSQL over which the disturbed run is coordinated, and done by as many workers of their own. @default one engine */
  readonly postgres?: string
  /** Leaves the folder with the copy, the ledgers and the outputs where it is. @default false */
  readonly keep?: boolean
  /** Ends it early; `runChaos` then throws the signal's reason. */
  readonly signal?: AbortSignal
  /** Told what is done next. */
  readonly onStep?: (step: ChaosStep) => void
}

/** What is done next. */
export type ChaosStep =
  | { readonly type: 'copied'; readonly files: number; readonly found: number; readonly seed: number }
  | { readonly type: 'undisturbed'; readonly run: 'first' | 'last' }
  /** The engine is started again; so many of the planned faults have been made. */
  | { readonly type: 'start'; readonly start: number; readonly made: number; readonly planned: number }
  | { readonly type: 'probe'; readonly files: number }

export type CheckedChaosOptions = Required<Omit<ChaosOptions, 'dir' | 'heapMb' | 'postgres' | 'signal'>> &
  Pick<ChaosOptions, 'dir' | 'heapMb' | 'postgres'> & { readonly signal: AbortSignal }

const DEFAULTS = { kills: 20, files: 1000, workers: 2, deadlineSeconds: 5 } as const
const OTHERS = ['processors', 'transforms', 'dir', 'discover', 'seed', 'heapMb', 'postgres', 'keep', 'signal', 'onStep']

/** The options with their defaults. @throws {MillraceError} `OPTION_INVALID`. */
export function checkChaosOptions(options: ChaosOptions): CheckedChaosOptions {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(DEFAULTS, name) || OTHERS.includes(name)) continue
    const names = [...OTHERS, ...Object.keys(DEFAULTS)].sort().join(', ')
    throw new MillraceError('OPTION_INVALID', `runChaos has no option "${name}". It has: ${names}.`, {
      detail: { owner: 'runChaos', option: name },
    })
  }
  const { processors } = options
  if (!Array.isArray(processors) || processors.length === 0) {
    throw new MillraceError('OPTION_INVALID', 'runChaos: processors must name at least one processor.', {
      detail: { owner: 'runChaos', option: 'processors', value: processors },
    })
  }
  const given = { ...DEFAULTS, ...options }
  const whole = (name: 'kills' | 'files' | 'workers', max: number) =>
    checkInteger('runChaos', name, given[name], { min: 1, max })
  const { dir, heapMb, postgres } = options
  if (heapMb !== undefined) checkInteger('runChaos', 'heapMb', heapMb, { min: 32, max: 1_048_576 })
  return {
    processors,
    transforms: options.transforms ?? [],
    discover: options.discover ?? {},
    seed: checkInteger('runChaos', 'seed', options.seed ?? randomInt(1, 1_000_000), { min: 0, max: 2 ** 31 - 1 }),
    kills: whole('kills', 500),
    files: whole('files', 100_000),
    workers: whole('workers', 64),
    deadlineSeconds: checkNumber('runChaos', 'deadlineSeconds', given.deadlineSeconds, { min: 0.5, max: 3600 }),
    keep: options.keep ?? false,
    signal: options.signal ?? new AbortController().signal,
    onStep: options.onStep ?? (() => {}),
    ...(dir !== undefined && { dir }),
    ...(heapMb !== undefined && { heapMb }),
    ...(postgres !== undefined && { postgres }),
  }
}
