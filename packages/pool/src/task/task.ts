import { MillraceError } from '@millrace/kernel/errors'
import { Codec } from '../codec/codec.ts'
import { nameOf } from '../codec/codec-faults.ts'

/** What a task may ask and tell while it runs. */
export interface TaskContext {
  /** Whether its result is no longer wanted: a task that runs long looks now and then, and returns. */
  readonly cancelled: boolean
  /** Tells how far it is, 0 to 1. */
  progress(fraction: number): void
}

/** The work itself: what it returns, or its promise resolves with, is the result. */
export type TaskFunction<I, O> = (input: I, context: TaskContext) => O | Promise<O>

/** A function that workers run, and how its input and output travel. */
export interface Task<I, O> {
  readonly run: TaskFunction<I, O>
  /** Writes the input into shared memory. @default structured clone, in messages */
  readonly input?: Codec<I>
  /** Writes the output into shared memory. @default structured clone, in messages */
  readonly output?: Codec<O>
  /** Whether it may be run again when the worker that had started it died. @default false */
  readonly retryable?: boolean
}

/** The tasks that a worker serves, by name: bare functions, or tasks with codecs. */
export type Tasks = Readonly<Record<string, SomeTask | SomeFunction>>

type SomeFunction = (input: never, context: TaskContext) => unknown

interface SomeTask {
  readonly run: SomeFunction
  readonly input?: Codec<unknown>
  readonly output?: Codec<unknown>
  readonly retryable?: boolean
}

/** A task with all its fields, whatever it takes and gives. */
export interface TaskOf {
  readonly run: (input: unknown, context: TaskContext) => unknown
  readonly input: Codec<unknown> | undefined
  readonly output: Codec<unknown> | undefined
  readonly retryable: boolean
}

type FunctionOf<E> = E extends SomeFunction ? E : E extends { readonly run: infer F extends SomeFunction } ? F : never

/** What the task `K` takes: `undefined` when its function has no parameter. */
export type InputOf<T extends Tasks, K extends keyof T> =
  Parameters<FunctionOf<T[K]>> extends [] ? undefined : Parameters<FunctionOf<T[K]>>[0]

/** What the task `K` gives. */
export type OutputOf<T extends Tasks, K extends keyof T> = Awaited<ReturnType<FunctionOf<T[K]>>>

/** The tasks as functions from input to output: what an `Executor` of them runs. */
export type SignaturesOf<T extends Tasks> = {
  readonly [K in keyof T]: (input: InputOf<T, K>) => OutputOf<T, K>
}

/**
 * Returns `task` as it is: the types of its input and output follow from its codecs, or from its function.
 * @throws {MillraceError} `TASK_INVALID` when a field has a value it cannot have.
 */
export function defineTask<I, O>(task: Task<I, O>): Task<I, O> {
  taskOf('defineTask: the task', task)
  return task
}

/**
 * A task with all its fields, of a bare function too.
 * @throws {MillraceError} `TASK_INVALID`, with `name` in the message, when it is neither.
 */
export function taskOf(name: string, entry: unknown): TaskOf {
  if (isFunction(entry)) return { run: entry, input: undefined, output: undefined, retryable: false }
  if (typeof entry !== 'object' || entry === null) {
    throw invalid(name, `must be a function or { run, input, output, retryable }, not ${nameOf(entry)}`)
  }
  const { run, input, output, retryable = false }: { readonly [field in keyof TaskOf]?: unknown } = entry
  if (!isFunction(run)) throw invalid(name, `has no function run, but ${nameOf(run)}`)
  if (typeof retryable !== 'boolean')
    throw invalid(name, `is retryable or not: true or false, not ${nameOf(retryable)}`)
  return { run, input: checkCodec(name, 'input', input), output: checkCodec(name, 'output', output), retryable }
}

function checkCodec(name: string, field: string, codec: unknown): Codec<unknown> | undefined {
  if (codec === undefined || codec instanceof Codec) return codec
  throw invalid(name, `has as ${field} no codec, such as record({ x: number }), but ${nameOf(codec)}`)
}

function isFunction(value: unknown): value is TaskOf['run'] {
  return typeof value === 'function'
}

function invalid(name: string, fault: string): MillraceError {
  return new MillraceError('TASK_INVALID', `${name} ${fault}`, { detail: { task: name } })
}
