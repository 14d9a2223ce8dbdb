import type { BatchType } from '../batch-type.ts'
import type { SystemFrame } from './system-frame.ts'

/**
 * The work of a system. What it returns says how it goes on:
 *
 * - a **generator**, as of `function*`, is resumed step by step, within what the frame has left and across frames; it ends with `return()`
 *   when its job is cancelled. An async generator cannot be kept within a frame, and is refused: `SYSTEM_INVALID`;
 * - a **promise** means that the job is done when it is. After an `await`, `await frame.turn()` brings the rest back into
 *   a frame, where it is planned for; its time is charged to the next one;
 * - anything else is the output, and the job is done.
 *
 * A step, which is a whole call where there is no `yield`, cannot be interrupted: keep it short beside the budget.
 */
export type SystemRun<Input, Output> = (
  frame: SystemFrame,
  input: Input,
) => Output | Promise<Output> | Generator<unknown, Output, void>

/** A system as it is registered. */
export interface BatchSystem<Input = void, Output = unknown, Lane extends string = BatchType> {
  /** What reports and traces call it. @default the name of `run` */
  readonly name?: string
  /** The lane in which its jobs queue. */
  readonly type: Lane
  /** What a job is believed to cost until it was measured: a share of the frame's budget, 0 to 1. */
  readonly cost: number
  readonly run: SystemRun<Input, Output>
  /**
   * Whether it has a job every frame. One that is still waiting or under way is not queued twice. Without, it runs what
   * is submitted. @default true
   */
  readonly recurring?: boolean
  /** A recurring system has a job every so many frames, 1 to 2^30. @default 1 */
  readonly everyFrames?: number
  /**
   * What the cost of a job grows with, such as the number of entities: a finite number of at least 0. Given it, the cost is
   * learned as a line over it, and is right at once when it jumps; without, as an average.
   */
  readonly feature?: (input: Input) => number
  /** What a job is worth, for lanes in the order of value per ms; at least 0. @default 1 */
  readonly value?: number
  /** Makes the input of jobs that other threads send: see `receiveJobs`. @default no input */
  readonly decode?: (bytes: Uint8Array) => Input
}

/**
 * A system whose work is done elsewhere, by the `executor` of its lane, and whose results are applied in a frame.
 */
export interface RemoteBatchSystem<Input = void, Result = unknown, Lane extends string = BatchType>
  extends Omit<BatchSystem<Input, unknown, Lane>, 'run'> {
  /** The executor's task. */
  readonly task: string
  /** What the task is given. Called within the budget. @default the job's input */
  readonly prepare?: (frame: SystemFrame, input: Input) => unknown
  /** Applies the task's result, within the budget. */
  readonly run: (frame: SystemFrame, result: Result) => unknown
}

/** Types a system where it is written down; returns it as it is. */
export function defineBatchSystem<Input = void, Output = unknown, Lane extends string = BatchType>(
  system: BatchSystem<Input, Output, Lane>,
): BatchSystem<Input, Output, Lane> {
  return system
}

/** Types a system of an executor's lane; returns it as it is. */
export function defineRemoteBatchSystem<Input = void, Result = unknown, Lane extends string = BatchType>(
  system: RemoteBatchSystem<Input, Result, Lane>,
): RemoteBatchSystem<Input, Result, Lane> {
  return system
}
