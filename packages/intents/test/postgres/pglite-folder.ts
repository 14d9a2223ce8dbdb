import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { madeOnce } from '@millrace/kernel/test/postgres/made-once'

/** Puts an empty database into the folder of a sink: making one takes PGlite many seconds, opening it a fraction of one. */
export async function fillPgliteFolder(folder: string): Promise<void> {
  const template = await madeOnce('millrace-pglite-template-0.5.16', async (dataDir) => {
    const db = await PGlite.create({ dataDir })
    await db.close()
  })
  cpSync(template, join(folder, 'data'), { recursive: true })
}
