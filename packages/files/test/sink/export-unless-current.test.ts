import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { temporaryName } from '../../src/sink/export.ts'
import { type ExportOrder, exportUnlessCurrent } from '../../src/sink/export-unless-current.ts'
import { jsonl } from '../../src/sink/jsonl.ts'
import { temporaryFolder } from '../tree.ts'

/** A ledger of one result, and what it remembers. */
function setUp() {
  const folder = temporaryFolder()
  const learned = new Map<string, string>()
  const figures = { revision: 1, record: '{"path":"a"}' }
  const ledger = {
    revision: async () => figures.revision,
    books: async () => ({ discovered: 1, delivered: 1, quarantined: 0, excluded: 0 }),
    results: async (_job: string, after?: string) =>
      after === undefined ? [{ path: 'a', hash: 'h', record: figures.record }] : [],
    recall: async (key: string) => learned.get(key),
    remember: async (key: string, json: string) => void learned.set(key, json),
  } as unknown as Ledger
  const out = join(folder, 'new', 'out.jsonl')
  const order: ExportOrder = {
    ledger,
    jobId: 'j',
    stateDir: folder,
    tree: 'tree',
    sink: jsonl,
    out,
    signal: new AbortController().signal,
    onStart: async () => {},
  }
  return { order, out, figures }
}

test('writes once, and again where results, output, tree or sink are others', async () => {
  const { order, out, figures } = setUp()
  expect(await exportUnlessCurrent(order)).toBe(true)
  expect(await exportUnlessCurrent(order)).toBe(false)
  figures.revision++
  figures.record = '{"path":"b"}'
  expect(await exportUnlessCurrent(order)).toBe(true)
  expect(readFileSync(out, 'utf8')).toBe('{"path":"b"}\n')
  writeFileSync(out, 'touched')
  expect(await exportUnlessCurrent(order)).toBe(true)
  expect(await exportUnlessCurrent({ ...order, tree: 'another' })).toBe(true)
  expect(await exportUnlessCurrent({ ...order, sink: { ...jsonl } })).toBe(true)
})

test('an output that is current loses the temporary file that a killed export left beside it', async () => {
  const { order, out } = setUp()
  mkdirSync(dirname(out))
  await exportUnlessCurrent(order)
  const left = join(dirname(out), temporaryName(order.stateDir, out))
  writeFileSync(left, 'half')
  expect(await exportUnlessCurrent(order)).toBe(false)
  expect(existsSync(left)).toBe(false)
  expect(readdirSync(dirname(out))).toEqual(['out.jsonl'])
})
