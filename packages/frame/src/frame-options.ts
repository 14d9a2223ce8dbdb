import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { Executor, TaskSignatures } from '@millrace/kernel/execute/executor'
import { checkInteger, checkNumber, checkObject, checkOneOf, show } from '@millrace/kernel/options'
import { BatchType } from './batch-type.ts'

/** An executor of whatever tasks: which of them there are, its systems say by name. */
export type AnyExecutor = Executor<TaskSignatures<Record<string, (input: never) => unknown>>>

/** A lane with more than a name. */
export interface LaneOptions<Lane extends string> {
  readonly name: Lane
  /** Its share of the budget beside other lanes' under `policy: 'shared'`, above 0 and at most 1,000,000. @default 1 */
  readonly weight?: number
  /**
   * In which order its jobs are taken: as they came, or those of the greatest value per predicted ms first, among the
   * next `lookAhead`. @default "fifo"
   */
  readonly order?: 'fifo' | 'value'
  /** Runs the tasks of its remote systems: a `@millrace/pool`, for example. */
  readonly executor?: AnyExecutor
}

export interface BatchControllerOptions<Lane extends string = BatchType> {
  /** CPU time a frame, in ms, above 0 and at most 1000. @default 2.5 */
  readonly budgetMs?: number
  /** Frames a second to keep: the budget then follows what the frame has left, and `budgetMs` is where it starts. */
  readonly target?: 60 | 72 | 90 | 120 | 144
  /** The lanes, the most urgent first, 1 to 64. @default those of BatchType */
  readonly lanes?: readonly (Lane | LaneOptions<Lane>)[]
  /**
   * How lanes share a frame: strictly by urgency, with ageing; or each by its weight, what one leaves going to the
   * others. @default "strict"
   */
  readonly policy?: 'strict' | 'shared'
  /** Frames after which a lane whose first job has waited counts as aged, at least 1. @default 30 */
  readonly maxWaitFrames?: number
  /** The share of the budget that aged lanes together have before all others, above 0 and at most 1. @default 0.25 */
  readonly agedShare?: number
  /** How many jobs of a lane are looked at to find one that fits, at least 1 and at most 64. @default 4 */
  readonly lookAhead?: number
  /** Most submitted jobs that wait, at least 1. @default 16,384 */
  readonly maxQueuedJobs?: number
  /**
   * What `submit` does when so many wait: throws `GATE_FULL`; or drops the one that waits longest, of all or of the least urgent
   * lane. @default "reject"
   */
  readonly whenFull?: 'reject' | 'drop-oldest' | 'drop-lowest'
  /**
   * Throws after which a job is over; and throws of a system in a row, after which it is suspended; 1 to 65,535.
   * @default 5
   */
  readonly maxFailures?: number
  /** Frames after which a promise that does not settle is given up, at least 1. @default 600 */
  readonly maxAsyncFrames?: number
  /** The longest `deltaMs` that systems see, in ms, above 0: a hidden tab makes no giant step. @default 250 */
  readonly maxDeltaMs?: number
  /** Spans kept for {@link BatchController.trace}; 0 keeps none. @default 0 */
  readonly traceSpans?: number
  /** @default systemClock */
  readonly clock?: Clock
  /** How coarse the clock is, in ms, at least 0. @default measured when the controller is made */
  readonly clockTickMs?: number
}

/** Frames a second that displays have. */
const TARGETS = [60, 72, 90, 120, 144]
const MOST_LANES = 64

/** A lane with nothing left open. */
export interface CheckedLane<Lane extends string> {
  readonly name: Lane
  readonly weight: number
  readonly byValue: boolean
  readonly executor: AnyExecutor | undefined
}

/** The same with nothing left open, each field checked. */
export type CheckedOptions<Lane extends string> = Required<
  Omit<BatchControllerOptions<Lane>, 'lanes' | 'target' | 'clockTickMs'>
> & {
  readonly lanes: readonly CheckedLane<Lane>[]
  readonly target: number | undefined
  readonly clockTickMs: number | undefined
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkControllerOptions<Lane extends string>(
  options: BatchControllerOptions<Lane>,
): CheckedOptions<Lane> {
  checkObject('BatchController', 'options', options)
  const integer = (name: keyof BatchControllerOptions, fallback: number, min: number, max?: number) =>
    checkInteger('BatchController', name, options[name] ?? fallback, max === undefined ? { min } : { min, max })
  return {
    budgetMs: checkBudget(options.budgetMs ?? 2.5),
    target: options.target === undefined ? undefined : checkTarget(options.target),
    lanes: checkLanes(options.lanes ?? (Object.values(BatchType) as string[] as Lane[])),
    policy: checkOneOf('BatchController', 'policy', options.policy ?? 'strict', ['strict', 'shared']),
    maxWaitFrames: integer('maxWaitFrames', 30, 1),
    agedShare: checkNumber('BatchController', 'agedShare', options.agedShare ?? 0.25, { above: 0, max: 1 }),
    lookAhead: integer('lookAhead', 4, 1, 64),
    maxQueuedJobs: integer('maxQueuedJobs', 16_384, 1, 2 ** 24),
    whenFull: checkOneOf('BatchController', 'whenFull', options.whenFull ?? 'reject', [
      'reject',
      'drop-oldest',
      'drop-lowest',
    ]),
    maxFailures: integer('maxFailures', 5, 1, 65_535),
    maxAsyncFrames: integer('maxAsyncFrames', 600, 1),
    maxDeltaMs: checkNumber('BatchController', 'maxDeltaMs', options.maxDeltaMs ?? 250, { above: 0 }),
    traceSpans: integer('traceSpans', 0, 0, 2 ** 24),
    clock: checkClock(options.clock ?? systemClock),
    clockTickMs:
      options.clockTickMs === undefined
        ? undefined
        : checkNumber('BatchController', 'clockTickMs', options.clockTickMs, { min: 0, max: 1000 }),
  }
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkBudget(budgetMs: unknown): number {
  return checkNumber('BatchController', 'budgetMs', budgetMs, { above: 0, max: 1000 })
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkWeight(lane: string, weight: unknown): number {
  return checkNumber('BatchController', `weight of lane ${lane}`, weight, { above: 0, max: 1e6 })
}

function checkTarget(target: unknown): number {
  if (typeof target === 'number' && TARGETS.includes(target)) return target
  throw invalid('target', target, `target must be one of ${TARGETS.join(', ')} frames a second, not ${show(target)}`)
}

function checkClock(clock: Clock): Clock {
  if (typeof clock === 'object' && typeof clock.now === 'function') return clock
  throw invalid('clock', clock, `clock must be an object with now(), such as systemClock, not ${show(clock)}`)
}

function checkExecutor(lane: string, executor: AnyExecutor | undefined): AnyExecutor | undefined {
  if (executor === undefined) return undefined
  if (typeof executor?.run === 'function' && executor.width > 0) return executor
  throw invalid(
    'executor',
    executor,
    `executor of lane ${lane} must have run() and a width above 0, as pool.executor has`,
  )
}

function checkLanes<Lane extends string>(lanes: readonly (Lane | LaneOptions<Lane>)[]): CheckedLane<Lane>[] {
  if (!Array.isArray(lanes)) throw invalid('lanes', lanes, `lanes must be an array of names, not ${show(lanes)}`)
  checkInteger('BatchController', 'lanes.length', lanes.length, { min: 1, max: MOST_LANES })
  const checked = Array.from(lanes, (lane: Lane | LaneOptions<Lane>): CheckedLane<Lane> => {
    const { name, weight, order, executor } =
      typeof lane === 'object' && lane !== null ? lane : ({ name: lane } as LaneOptions<Lane>)
    if (typeof name !== 'string' || name === '') throw invalid('lanes', name, `a lane needs a name, not ${show(name)}`)
    const byValue =
      checkOneOf('BatchController', `order of lane ${name}`, order ?? 'fifo', ['fifo', 'value']) === 'value'
    return { name, weight: checkWeight(name, weight ?? 1), byValue, executor: checkExecutor(name, executor) }
  })
  const names = new Set<string>()
  for (const { name } of checked) {
    if (names.has(name)) throw invalid('lanes', name, `lane ${name} is there twice; give each a name of its own`)
    names.add(name)
  }
  return checked
}

function invalid(option: string, value: unknown, message: string): MillraceError {
  return new MillraceError('OPTION_INVALID', `BatchController: ${message}`, {
    detail: { owner: 'BatchController', option, value },
  })
}
