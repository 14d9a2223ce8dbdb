import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ledger, LedgerFile } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { exportResults } from '../../src/sink/export.ts'
import { jsonl } from '../../src/sink/jsonl.ts'
import type { ResultRow, Sink, SinkWriter } from '../../src/sink/sink.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owner, temporaryFolder } from '../ledger/samples.ts'

let folder: ReturnType<typeof temporaryFolder>
let ledger: Ledger
let jobId: string

beforeAll(async () => {
  folder = temporaryFolder()
  ledger = await openLedger(join(folder.path, 'state'))
})
let roots = 0
beforeEach(async () => {
  await ledger.tryOwn()
  // A tree of its own for each test.
  jobId = await ledger.enqueueJob({ ...jobSpec, root: `/tree/${roots++}` })
  await ledger.startJob(jobId, owner, 0)
})
afterAll(async () => {
  await ledger.close()
  folder[Symbol.dispose]()
})

/** Delivers `count` files in commits of 500, the last first, with records of about `chars`. */
async function deliver(count: number, chars: number): Promise<string[]> {
  const { pending } = await ledger.meetFiles(jobId, chunk(foundFiles(count)), byStamp)
  const record = ({ path }: LedgerFile) => JSON.stringify({ path, hash: 'h', text: 'x'.repeat(chars) })
  const last = pending.toReversed()
  for (let at = 0; at < count; at += 500) {
    const part = last.slice(at, at + 500)
    const deliveries = part.map((file) => delivery(file.fileId, { record: record(file) }))
    await ledger.commit(jobId, checkpoint(at, { deliveries }))
  }
  return pending.map(record)
}

/** A sink that writes down what it is asked, and fails where it is told to. */
function spySink(failing?: keyof SinkWriter) {
  const calls: string[] = []
  const rows: ResultRow[] = []
  const step = (name: keyof SinkWriter) => {
    calls.push(name)
    if (name === failing) throw new Error(`no ${name}`)
  }
  const sink: Sink = {
    name: 'spy',
    extension: '.spy',
    open: (target) => {
      calls.push(`open ${target.jobId} ${target.rows}`)
      return {
        write: (page) => {
          rows.push(...page)
          step('write')
        },
        commit: () => step('commit'),
        abort: () => step('abort'),
      }
    },
  }
  return { sink, calls, rows }
}

describe('exportResults', () => {
  it('writes every result once, sorted by path, over many pages', async () => {
    const records = await deliver(3000, 1000)
    const out = join(folder.path, 'out', 'results.jsonl')
    const outcome = await exportResults(ledger, jobId, jsonl, out)
    const written = readFileSync(out, 'utf8')
    expect(written).toBe(records.map((record) => `${record}\n`).join(''))
    expect(outcome).toEqual({ rows: 3000, bytes: Buffer.byteLength(written) })
  })

  it('tells the sink how many rows come, commits once, and has 0 bytes where it leaves no file', async () => {
    await deliver(3, 10)
    const { sink, calls } = spySink()
    expect(await exportResults(ledger, jobId, sink, join(folder.path, 'none'))).toEqual({ rows: 3, bytes: 0 })
    expect(calls).toEqual([`open ${jobId} 3`, 'write', 'commit'])
  })

  it('commits an export of nothing', async () => {
    const { sink, calls } = spySink()
    expect(await exportResults(ledger, jobId, sink, folder.path)).toEqual({ rows: 0, bytes: 0 })
    expect(calls).toEqual([`open ${jobId} 0`, 'commit'])
  })

  it.each(['write', 'commit'] as const)('aborts when %s fails, and tells that failure', async (failing) => {
    await deliver(3, 10)
    const { sink, calls } = spySink(failing)
    await expect(exportResults(ledger, jobId, sink, 'out')).rejects.toThrow(`no ${failing}`)
    expect(calls.at(-1)).toBe('abort')
  })

  it('stops between pages when aborted, and leaves nothing', async () => {
    await deliver(3000, 1000)
    const controller = new AbortController()
    const stopping: Sink = {
      ...jsonl,
      open: async (target) => {
        const writer = await jsonl.open(target)
        return {
          ...writer,
          write: (rows) => {
            controller.abort(new Error('enough'))
            return writer.write(rows)
          },
        }
      },
    }
    await expect(exportResults(ledger, jobId, stopping, join(folder.path, 'o'), controller)).rejects.toThrow('enough')
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp') || name === 'o')).toEqual([])
    await expect(exportResults(ledger, jobId, jsonl, join(folder.path, 'o'), controller)).rejects.toThrow('enough')
  })

  it('exports nothing when the ledger gives fewer rows than it counts', async () => {
    await deliver(3, 10)
    using _ = vi.spyOn(ledger, 'results').mockResolvedValue([])
    const { sink, calls } = spySink()
    await expect(exportResults(ledger, jobId, sink, 'out')).rejects.toMatchObject({
      code: 'EXPORT_INCOMPLETE',
      detail: { jobId, expected: 3, rows: 0 },
    })
    expect(calls.at(-1)).toBe('abort')
  })
})
