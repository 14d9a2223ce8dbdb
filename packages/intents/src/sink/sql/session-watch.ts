import type { SinkStats } from '../sink.ts'
import type { SinkSession } from './sessions.ts'

/** Looks at the sessions that write, from outside. It never throws, and nothing waits for it but its own end. */
export interface SessionWatch {
  readonly stats: SinkStats
  /** A session writes a batch from now on. */
  begun(session: SinkSession): void
  /** It does not any more. */
  ended(session: SinkSession): void
  close(): Promise<void>
}
