import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { lineEncoder } from '../../src/sink/jsonl.ts'
import { BUILT_IN_SINKS, resolveSink } from '../../src/sink/resolve-sink.ts'
import { defineSink, type ResultRow } from '../../src/sink/sink.ts'
import { type OutputStream, streamWriter } from '../../src/sink/standard-output.ts'
import { targetOf } from '../../src/sink/target.ts'

const FILE_SINKS = BUILT_IN_SINKS.filter(({ name }) => name !== 'postgres')
const CWD = resolve('/where/one/is')

describe('where results go', () => {
  test.each(FILE_SINKS)('$name: a file, from where one is', (sink) => {
    expect(targetOf(sink, undefined, CWD)).toBe(resolve(CWD, `millrace-results${sink.extension}`))
    expect(targetOf(sink, 'sub/out', CWD)).toBe(resolve(CWD, 'sub/out'))
    expect(targetOf(sink, targetOf(sink, 'out', CWD), resolve('/elsewhere'))).toBe(resolve(CWD, 'out'))
  })

  test.each(FILE_SINKS)('$name: no table', (sink) => {
    expect(() => targetOf(sink, 'postgres://user:s3cret@host/db', CWD)).toThrow(
      expect.objectContaining({ code: 'OUT_INVALID', message: expect.not.stringContaining('s3cret') }),
    )
  })

  test('standard output is for what is made from front to back', () => {
    for (const name of ['jsonl', 'jsonl.zst', 'parquet']) expect(targetOf(resolveSink(name), '-', CWD)).toBe('-')
    for (const name of ['sqlite', 'postgres'])
      expect(() => targetOf(resolveSink(name), '-', CWD)).toThrow(expect.objectContaining({ code: 'OUT_INVALID' }))
  })

  test("a table is what it was given as; a user's sink says for itself", () => {
    const address = 'postgres://me@host/db?table=a.b'
    expect(targetOf(resolveSink('postgres'), address, CWD)).toBe(address)
    const own = { name: 'own', extension: '.own', open: () => ({ write() {}, commit() {}, abort() {} }) }
    expect(targetOf(defineSink(own), '-', CWD)).toBe(resolve(CWD, '-'))
    expect(targetOf(defineSink({ ...own, target: () => 'queue:7' }), undefined, CWD)).toBe('queue:7')
  })
})

describe('a stream as output', () => {
  const rows: ResultRow[] = Array.from({ length: 100 }, (_, index) => ({
    path: `${index}`,
    hash: '',
    record: JSON.stringify({ path: `${index}` }),
  }))
  const text = rows.map(({ record }) => `${record}\n`).join('')

  /** Takes so many writes, then fails each with this. */
  function readerOf(writes: number, code: string) {
    const chunks: string[] = []
    const stream = new Writable({
      autoDestroy: false,
      decodeStrings: false,
      write(chunk, _encoding, done) {
        if (chunks.length >= writes) return done(Object.assign(new Error(`write ${code}`), { code }))
        chunks.push(String(chunk))
        done()
      },
    })
    return { stream: stream as unknown as OutputStream & Writable, chunks }
  }

  test('has every line in order', async () => {
    const { stream, chunks } = readerOf(Number.POSITIVE_INFINITY, '')
    const writer = streamWriter(lineEncoder(200), stream)
    for (let at = 0; at < rows.length; at += 10) await writer.write(rows.slice(at, at + 10))
    await writer.commit()
    expect(chunks.join('')).toBe(text)
    expect(stream.listenerCount('error')).toBe(0)
  })

  test('a reader that goes ends the writing, and nothing fails', async () => {
    const { stream, chunks } = readerOf(2, 'EPIPE')
    const writer = streamWriter(lineEncoder(200), stream)
    for (let at = 0; at < rows.length; at += 10) await writer.write(rows.slice(at, at + 10))
    await writer.commit()
    expect(chunks).toHaveLength(2)
    expect(text.startsWith(chunks.join(''))).toBe(true)
  })

  test('any other failure is one', async () => {
    const { stream } = readerOf(2, 'ENOSPC')
    stream.on('error', () => {})
    const writer = streamWriter(lineEncoder(10), stream)
    const all = async () => {
      for (const row of rows) await writer.write([row])
    }
    await expect(all()).rejects.toMatchObject({ code: 'ENOSPC' })
    await writer.abort()
  })
})
