import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { localHome } from '../../src/engine/local-home.ts'
import { renewExport } from '../../src/engine/renew-export.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { jsonl } from '../../src/sink/jsonl.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

/** A job that is done and has exported nothing, and what writes its results. */
async function scene() {
  const place = temporaryFolder()
  const root = writeTree(join(place, 'tree'), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n' })
  const stateDir = join(place, 'state')
  await using engine = new BatchProcessingEngine({ stateDir, sink: null, workerCount: 1 })
  const { jobId } = await engine.processRepository(root)
  const events: string[] = []
  const renew = (out: string, signal = new AbortController().signal, of = jobId) =>
    renewExport({
      home: localHome(),
      config: { sink: jsonl, out, stateDir },
      jobId: of,
      signal,
      emit: ({ type }) => events.push(type),
    })
  return { place, root, stateDir, jobId, events, renew }
}

test('writes what a job has come to, once', async () => {
  const { place, events, renew } = await scene()
  const out = join(place, 'out.jsonl')
  expect(await renew(out)).toBe('done')
  expect(readFileSync(out, 'utf8').match(/"path":"[^"]+"/g)).toEqual(['"path":"a.ts"', '"path":"b.ts"'])
  expect(await renew(out)).toBe('done')
  expect(events).toEqual(['exporting', 'exported', 'export-skipped'])
})

test('is broken off, but for what has gone into a pipe', async () => {
  const { place, renew } = await scene()
  const out = join(place, 'out.jsonl')
  await expect(renew(out, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  expect(existsSync(out)).toBe(false)
  let written = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest) => {
    written += String(chunk)
    const done = rest.find((each) => typeof each === 'function')
    done?.()
    return true
  })
  try {
    expect(await renew('-', AbortSignal.abort())).toBe('done')
  } finally {
    write.mockRestore()
  }
  expect(written.trimEnd().split('\n')).toHaveLength(2)
})

test('waits for a ledger that another has, and leaves a tree that another job has been over', async () => {
  const { place, root, stateDir, jobId, renew } = await scene()
  const out = join(place, 'out.jsonl')
  {
    await using other = await openLedger(stateDir)
    await other.tryOwn()
    expect(await renew(out)).toBe('owned')
  }
  await using engine = new BatchProcessingEngine({ stateDir, sink: null, workerCount: 1 })
  await engine.processRepository(root)
  expect(await renew(out)).toBe('superseded')
  expect(await renew(out, undefined, `${jobId}9`)).toBe('superseded')
  expect(existsSync(out)).toBe(false)
})
