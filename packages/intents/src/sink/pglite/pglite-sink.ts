import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, show } from '@millrace/kernel/options'
import type { IntentDefinition } from '../../intent/define-intent.ts'
import type { Logger } from '../../scheduler-options.ts'
import type { Sink } from '../sink.ts'
import { SqlSink } from '../sql/sql-sink.ts'
import { lockFolder } from './folder-lock.ts'
import { PgliteSession } from './pglite-session.ts'

/** Where a {@link createPgliteSink} writes to. */
export interface PgliteSinkOptions {
  /** The database's folder; it is made. One sink at a time has it. */
  readonly folder: string
  /** Statements that are run before anything else when the sink is opened, such as `CREATE TABLE IF NOT EXISTS …`. */
  readonly setUp?: readonly string[]
  /** The schema of Millrace's own tables; it is made. @default "millrace" */
  readonly schema?: string
  /** Ms for which idempotency keys are kept, at least 1000. @default 86400000 (24 hours) */
  readonly keepKeysMs?: number
  /** Told once that the database is not safe from a power cut. */
  readonly logger?: Pick<Logger, 'warn'>
  /** For the times at which old keys are deleted. */
  readonly clock?: Clock
}

/**
 * Writes batches to an embedded PostgreSQL (PGlite), in a thread of its own: for a first look, without a server.
 *
 * It is not safe from a power cut: PGlite does not wait for the disk, so that what was confirmed may be lost with the machine. A process
 * that ends, however it does, loses nothing that was confirmed. It needs the package `@electric-sql/pglite`.
 * @throws {MillraceError} `OPTION_INVALID`; `open` rejects with `DATABASE_LOCKED` if another has the folder.
 */
export function createPgliteSink(options: PgliteSinkOptions): Sink {
  const { folder, schema = 'millrace', keepKeysMs = 86_400_000, clock = systemClock } = options
  if (typeof folder !== 'string' || folder === '')
    throw new MillraceError('OPTION_INVALID', `createPgliteSink: folder must be a path, not ${show(folder)}`, {
      detail: { owner: 'createPgliteSink', option: 'folder', value: folder },
    })
  checkInteger('createPgliteSink', 'keepKeysMs', keepKeysMs, { min: 1000 })
  return new PgliteSink(options, { schema, keepKeysMs, clock })
}

class PgliteSink extends SqlSink {
  readonly #options: PgliteSinkOptions
  #lock: Disposable | undefined

  constructor(options: PgliteSinkOptions, rest: { schema: string; keepKeysMs: number; clock: Clock }) {
    super({
      ...rest,
      sessions: 1,
      setUp: options.setUp,
      openSession: () => PgliteSession.open(join(options.folder, 'data')),
    })
    this.#options = options
  }

  override async open(definitions: readonly IntentDefinition[]): Promise<void> {
    const { folder, logger } = this.#options
    mkdirSync(folder, { recursive: true })
    this.#lock = lockFolder(folder)
    logger?.warn(
      { folder },
      'The embedded database is not safe from a power cut: use a PostgreSQL server for what must not be lost',
    )
    try {
      await super.open(definitions)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  override async close(): Promise<void> {
    await super.close()
    this.#lock?.[Symbol.dispose]()
    this.#lock = undefined
  }
}
