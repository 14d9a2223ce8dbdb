import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@millrace/kernel/test/property'
import { afterAll, describe, expect, test } from 'vitest'
import { createPgliteSink } from '../../src/sink/pglite/index.ts'
import { fillPgliteFolder } from '../postgres/pglite-folder.ts'
import { sinkConformance, TABLES } from './conformance.ts'
import { LOOKS, rowsBySql } from './rows-by-sql.ts'

describe('a sink on PGlite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pglite-'))
  const warnings: string[] = []
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  sinkConformance(async () => {
    await fillPgliteFolder(folder)
    const logger = { warn: (_: unknown, message: string) => void warnings.push(message) }
    const sink = createPgliteSink({ folder, setUp: TABLES, logger })
    const open = sink.open.bind(sink)
    sink.open = (definitions) => open([...definitions, ...LOOKS])
    return { sink, rows: (table) => rowsBySql(sink, table), end: () => sink.close() }
  })

  test('says that it is not safe from a power cut, and lets no other in', async () => {
    expect(warnings).toEqual([expect.stringContaining('not safe from a power cut')])
    const second = createPgliteSink({ folder })
    expect(await messageOf('DATABASE_LOCKED', () => second.open([]))).toContain(folder)
  })
})
