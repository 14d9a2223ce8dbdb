import { join } from 'node:path'
import { createFileDeadLetters, type DeadLetters, type Sink } from '@millrace/intents'
import type { ServeSettings } from '../../config/intents-settings.ts'

/** What is written to, and what a person is to know of it. */
export interface NamedSink {
  readonly sink: Sink
  readonly name: string
  /** What it does not promise. */
  readonly caveat?: string
  /** Where what cannot be written is kept: in the same database, or in the state folder. */
  readonly deadLetters?: DeadLetters & Partial<AsyncDisposable>
}

/** The sink of the settings: a PostgreSQL, the user's own, or an embedded one in the state folder. Each is loaded only where it is used. */
export async function openSink({ postgres, sink, setUp, stateDir, scheduler }: ServeSettings): Promise<NamedSink> {
  if (postgres !== undefined) {
    const { createPostgresDeadLetters, createPostgresSink } = await import('@millrace/intents/postgres')
    const { host, pathname } = new URL(postgres)
    const connections = scheduler.maxConcurrentBatches
    return {
      sink: createPostgresSink({ url: postgres, setUp, ...(connections !== undefined && { connections }) }),
      deadLetters: createPostgresDeadLetters({ url: postgres }),
      name: `PostgreSQL at ${host}${pathname}`,
    }
  }
  const deadLetters = createFileDeadLetters({ file: join(stateDir, 'intents-dead-letters.jsonl') })
  if (sink !== undefined) return { sink, deadLetters, name: 'the sink of the configuration file' }
  const { createPgliteSink } = await import('@millrace/intents/pglite')
  const folder = join(stateDir, 'intents')
  return {
    sink: createPgliteSink({ folder, setUp }),
    deadLetters,
    name: `an embedded PGlite in ${folder}`,
    caveat: 'not power-loss safe: for a first look. Give --postgres URL for what shall last',
  }
}
