import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, types } from '@electric-sql/pglite'
import type { StatementResult } from '../sql/sql-session.ts'
import { type PgliteReply, type PgliteRequest, type PgliteThreadData, packError } from './pglite-protocol.ts'

// The thread of an embedded database: it never yields while it works, and answers one request after the other.

const { dataDir } = workerData as PgliteThreadData

/** Values are wanted as the texts that they are. */
const asTexts = Object.fromEntries(Object.keys(types.parsers).map((type) => [type, (text: string) => text]))

async function run(db: PGlite, statements: PgliteRequest): Promise<StatementResult[]> {
  const results: StatementResult[] = []
  for (const { text, values } of statements) {
    const { rows, fields, command, rowCount } = await db.query<(string | null)[]>(text, [...values], {
      rowMode: 'array',
      parsers: asTexts,
    })
    const described = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }))
    results.push({ tag: [command, rowCount].filter((part) => part !== undefined).join(' '), fields: described, rows })
  }
  return results
}

async function answer(work: () => Promise<readonly StatementResult[]>): Promise<void> {
  let reply: PgliteReply
  try {
    reply = { results: await work() }
  } catch (error) {
    reply = { failure: packError(error) }
  }
  parentPort?.postMessage(reply)
}

await answer(async () => {
  const db = await PGlite.create({ dataDir })
  parentPort?.on('message', (statements: PgliteRequest) =>
    answer(async () => {
      if (statements.length > 0) return run(db, statements)
      await db.close()
      parentPort?.close()
      return []
    }),
  )
  return []
})
