import type { ExecuteOptions, Executor, TaskSignatures } from '@millrace/kernel'

type AnyTasks = TaskSignatures<Record<string, (input: never) => unknown>>

/** A task that a {@link FakeExecutor} was given: it is settled by whoever holds this. */
export interface FakeCall {
  readonly task: string
  readonly input: unknown
  readonly signal: AbortSignal | undefined
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** An executor whose tasks end when a test says so; or, by its contract, when they are told to. */
export class FakeExecutor implements Executor<AnyTasks> {
  width: number
  /** All calls, and those that are not settled, in their order. */
  readonly calls: FakeCall[] = []
  readonly open = new Set<FakeCall>()
  /** Most that were ever open at once. */
  peak = 0
  /** What the next calls throw, instead of running. */
  fault: unknown
  /** Whether it listens to signals. */
  hears = true

  constructor(width = 1) {
    this.width = width
  }

  run(task: string, input: unknown, { signal }: ExecuteOptions = {}): Promise<never> {
    if (this.fault !== undefined) throw this.fault
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const settle = (action: () => void) => {
      if (this.open.delete(call)) action()
    }
    const call: FakeCall = {
      task,
      input,
      signal,
      resolve: (result) => settle(() => resolve(result)),
      reject: (error) => settle(() => reject(error)),
    }
    this.calls.push(call)
    this.open.add(call)
    this.peak = Math.max(this.peak, this.open.size)
    if (this.hears) signal?.addEventListener('abort', () => call.reject(signal.reason))
    return promise as Promise<never>
  }

  async drain(): Promise<void> {}
}
