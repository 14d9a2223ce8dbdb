import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SinkFs } from '../../src/sink/beside-file.ts'
import { jsonl, jsonlOn } from '../../src/sink/jsonl.ts'
import type { ResultRow } from '../../src/sink/sink.ts'
import { temporaryFolder } from '../ledger/samples.ts'

let folder: ReturnType<typeof temporaryFolder>
let out: string

beforeEach(() => {
  folder = temporaryFolder()
  out = join(folder.path, 'results.jsonl')
})
afterEach(() => folder[Symbol.dispose]())

const row = (path: string, text = ''): ResultRow => ({
  path,
  hash: 'h',
  record: JSON.stringify({ path, hash: 'h', text }),
})
const openAt = (path: string, sink = jsonl, temporaryName = '.millrace-1.tmp') =>
  sink.open({ out: path, jobId: '20261121-001', rows: 1, temporaryName })
const failure = (work: () => unknown) =>
  Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    )

describe('the jsonl sink', () => {
  it('writes a record a line, and nothing at the target before commit', async () => {
    writeFileSync(out, 'old')
    const writer = await openAt(out)
    const rows = [row('a', 'ä日本'), row('b'), row('c', 'x'.repeat(1_000_000))]
    await writer.write(rows.slice(0, 2))
    await writer.write(rows.slice(2))
    expect(readFileSync(out, 'utf8')).toBe('old')
    await writer.commit()
    expect(readFileSync(out, 'utf8')).toBe(rows.map(({ record }) => `${record}\n`).join(''))
    expect(readdirSync(folder.path)).toEqual(['results.jsonl'])
  })

  it('writes an empty file for no rows', async () => {
    await (await openAt(out)).commit()
    expect(statSync(out).size).toBe(0)
  })

  it('leaves no trace of what was aborted', async () => {
    const writer = await openAt(out)
    await writer.write([row('a', 'x'.repeat(300_000))])
    await writer.abort()
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('makes a missing folder', async () => {
    out = join(folder.path, 'new', 'deep', 'out.jsonl')
    await (await openAt(out)).commit()
    expect(statSync(out).isFile()).toBe(true)
  })

  it('writes to the file that a link at the target names, and keeps the link', async () => {
    const real = join(folder.path, 'elsewhere', 'real.jsonl')
    mkdirSync(dirname(real))
    writeFileSync(real, '')
    symlinkSync(real, out)
    const writer = await openAt(out)
    await writer.write([row('a')])
    await writer.commit()
    expect(readFileSync(real, 'utf8')).toBe(`${row('a').record}\n`)
    expect(readdirSync(dirname(real))).toEqual(['real.jsonl'])
  })

  it('keeps two exports to one target apart: the last to commit is there, whole', async () => {
    const [first, second] = [await openAt(out), await openAt(out, jsonl, '.millrace-2.tmp')]
    await first.write([row('first')])
    await second.write([row('second')])
    await second.commit()
    await first.commit()
    expect(readFileSync(out, 'utf8')).toBe(`${row('first').record}\n`)
  })

  it.each([
    ['a folder', () => folder.path, /is a folder/],
    ['a device', () => '/dev/null', /is a device or a pipe/],
    ['a file below a file', () => join(fileURLToPath(import.meta.url), 'out.jsonl'), /ENOTDIR|EEXIST/],
    ['in a folder that takes no file', () => '/proc/out.jsonl', /ENOENT|EACCES|EROFS/],
    ['of a name too long', () => join(folder.path, 'x'.repeat(300)), /ENAMETOOLONG/],
    ['a link to nothing, in no folder', () => danglingLink(), /ENOENT|ENOTDIR|EEXIST/],
  ])('refuses a target that is %s, before and at opening', async (_, target, message) => {
    const path = target()
    const refused = { code: 'OUT_UNWRITABLE', message: expect.stringMatching(message), detail: { out: path } }
    expect(await failure(() => jsonl.check?.(path))).toMatchObject(refused)
    expect(await failure(() => openAt(path))).toMatchObject(refused)
  })

  it('leaves no trace of having checked', async () => {
    await jsonl.check?.(out)
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('clears away what a killed export of the same ledger left', async () => {
    writeFileSync(join(folder.path, 'elsewhere'), 'not to be touched')
    symlinkSync(join(folder.path, 'elsewhere'), join(folder.path, '.millrace-1.tmp'))
    const writer = await openAt(out)
    await writer.write([row('a')])
    await writer.commit()
    expect(readdirSync(folder.path)).toEqual(['elsewhere', 'results.jsonl'])
    expect(readFileSync(join(folder.path, 'elsewhere'), 'utf8')).toBe('not to be touched')
  })

  it.each(['sync', 'write', 'rename'] as const)('leaves the old output when %s fails', async (step) => {
    writeFileSync(out, 'old')
    const writer = await openAt(out, jsonlOn(failingAt(step)))
    await writer.write([row('a')])
    const error = await failure(() => writer.commit())
    expect(error).toMatchObject({ code: 'OUT_WRITE_FAILED', detail: { out, reason: 'EIO' } })
    await writer.abort()
    expect(readFileSync(out, 'utf8')).toBe('old')
    expect(readdirSync(folder.path)).toEqual(['results.jsonl'])
  })

  it('says so when the disk takes no more, and leaves no trace', () => {
    const source = new URL('../../src/sink/jsonl.ts', import.meta.url)
    const script = `
      const { jsonl } = await import('${source}')
      const writer = await jsonl.open({ out: '${out}', jobId: 'j', rows: 1, temporaryName: '.t' })
      try {
        for (let row = 0; row < 100; row++) await writer.write([{ path: 'a', hash: 'h', record: 'x'.repeat(300_000) }])
        await writer.commit()
      } catch (error) {
        await writer.abort()
        console.log(error.code, error.detail.reason)
      }`
    // No file of this process may pass 1 MB, in blocks of 1 KB.
    const { stdout } = spawnSync(
      'bash',
      [
        '-c',
        'ulimit -f 1024; exec "$0" --conditions=millrace-source --input-type=module -e "$1"',
        process.execPath,
        script,
      ],
      { encoding: 'utf8', timeout: 50_000 },
    )
    expect(stdout).toBe('OUT_WRITE_FAILED EFBIG\n')
    expect(readdirSync(folder.path)).toEqual([])
  })
})

/** A file system on a disk that fails at one step. */
function failingAt(step: 'sync' | 'write' | 'rename'): SinkFs {
  const fail = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
  return {
    ...fs,
    rename: step === 'rename' ? fail : fs.rename,
    open: async (path, flags) => {
      const file = await fs.open(path, flags)
      if (step === 'sync') file.sync = fail
      if (step === 'write') file.writeFile = fail
      return file
    },
  }
}

function danglingLink(): string {
  symlinkSync(join(fileURLToPath(import.meta.url), 'nowhere'), out)
  return out
}
