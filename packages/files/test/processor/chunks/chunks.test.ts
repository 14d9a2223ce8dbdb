import { describe, expect, test } from 'vitest'
import { type ChunksRecord, chunksOf } from '../../../src/processor/chunks/chunks.ts'
import { inputOf } from '../input.ts'

const source = Array.from(
  { length: 30 },
  (_, n) => `/** Adds ${n}. */\nexport function add${n}(value: number): number {\n  return value + ${n}\n}\n`,
).join('\n')

describe('chunks', () => {
  test('pieces of a program are its text, with names, lines and tokens', async () => {
    const processor = await chunksOf('maxTokens=64')
    const record = (await processor.process(inputOf('add.ts', source))) as ChunksRecord
    expect(record.chunks.map(({ text }) => text).join('')).toBe(source)
    expect(record.chunks.every(({ tokens }) => tokens > 0 && tokens <= 64)).toBe(true)
    expect(record.tokens).toBe(record.chunks.reduce((sum, { tokens }) => sum + tokens, 0))
    const lines = source.split('\n')
    for (const { text, line, endLine } of record.chunks) {
      expect(`${lines.slice(line - 1, endLine).join('\n')}\n`).toBe(text)
    }
    expect(record.chunks.flatMap(({ names }) => names)).toEqual(Array.from({ length: 30 }, (_, n) => `add${n}`))
  })

  test('prose too, and what speaks of special tokens', async () => {
    const processor = await chunksOf('')
    const record = (await processor.process(inputOf('a.md', '# Title\n\n<|endoftext|> is text.\n'))) as ChunksRecord
    expect(record).toMatchObject({ language: 'markdown', chunks: [{ line: 1, endLine: 3, names: [] }] })
    expect(await processor.process(inputOf('a.md', ''))).toEqual({ language: 'markdown', tokens: 0, chunks: [] })
    expect(processor.match(inputOf('a.png', '').file)).toBe(false)
  })

  test.each(['maxTokens=1', 'maxTokens=many', 'tokens=5', 'maxTokens'])('refuses %s', async (argument) => {
    await expect(chunksOf(argument)).rejects.toMatchObject({
      code: 'PROCESSOR_ARGUMENT',
      message: expect.stringMatching(
        /cannot use ".*"\. It takes maxTokens \(16 to 1000000\), as in chunks:maxTokens=512/,
      ),
    })
  })
})
