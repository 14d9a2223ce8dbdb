import type { Assignment, ExecutorReport } from './executor.ts'

/** What the engine says to a worker process. */
export type ToWorker =
  | {
      readonly type: 'load'
      /** Told back with every answer. A processor shares the channel, but never sees this: so it cannot answer by mistake. */
      readonly token: string
      readonly root: string
      readonly processors: readonly string[]
      /** Absolute path that relative processor specifiers are resolved against. */
      readonly base: string
      readonly maxFileBytes: number
    }
  | { readonly type: 'run'; readonly assignment: Assignment }
  | { readonly type: 'exit' }

/** What a worker process says to the engine. */
export type FromWorker = { readonly token: string } & (
  | { readonly type: 'ready' }
  | {
      readonly type: 'unable'
      readonly code: string
      readonly message: string
      readonly detail: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'report'; readonly report: ExecutorReport; readonly rssMb: number; readonly cpuMs: number }
  | { readonly type: 'done'; readonly assignmentId: number; readonly rssMb: number; readonly cpuMs: number }
)
