import type { EngineEvent } from '../engine/events.ts'

/** What a worker tells while it works: what its processes do, and what passes between it and the database. */
export type WorkEvent =
  | EngineEvent
  /** It is known to the coordinator by this name. */
  | { readonly type: 'work-joined'; readonly name: string; readonly slots: number }
  /** There is no job, or the one there was is over. */
  | { readonly type: 'work-waiting' }
  /** It has taken up a job. */
  | { readonly type: 'work-began'; readonly jobId: string; readonly root: string }
  | {
      readonly type: 'work-committed'
      readonly batchId: number
      /** Files settled. */
      readonly files: number
      /** Files that went back to the coordinator. */
      readonly returned: number
      readonly ms: number
    }
  /** Its machine is short of something, or has room again: so many of its processes work now. */
  | { readonly type: 'work-limited'; readonly processes: number; readonly of: number; readonly reason: string }
  /** The batch is another's: nothing more of it is taken from this worker. */
  | { readonly type: 'batch-lost'; readonly batchId: number; readonly message: string }
  /** PostgreSQL cannot be reached, or cannot write; work goes on with what is claimed. */
  | { readonly type: 'database-away'; readonly message: string }
  /** It can be reached, and can write, again. */
  | { readonly type: 'database-back'; readonly awayMs: number }
