import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Line, LineSplitter } from '../../../src/sources/http/line-splitter.ts'

const MAX = 6

/** Forgets what a chunk before the last had of a line. */
class Forgetful extends LineSplitter {
  override *push(chunk: Uint8Array): Generator<Line, void, undefined> {
    yield* new LineSplitter(MAX).push(chunk)
  }
}

describe('lines', () => {
  const asWhole = (make: () => Shape<LineSplitter>) =>
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,9}$/), { maxLength: 8 }), (chunks) => {
      const splitter = make()
      const lines: string[] = []
      const take = ({ number, bytes }: Line) => {
        expect(number).toBe(lines.length + 1)
        lines.push(bytes === undefined ? 'too long' : new TextDecoder().decode(bytes))
      }
      for (const chunk of chunks) for (const line of splitter.push(new TextEncoder().encode(chunk))) take(line)
      for (const line of splitter.end()) take(line)
      const expected = chunks.join('').split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(lines).toEqual(expected.map((line) => (line.length > MAX ? 'too long' : line)))
    })

  it('are the same however the stream is cut', () => holds(asWhole(() => new LineSplitter(MAX))))
  it('would not be if a part were forgotten', () => fails(asWhole(() => new Forgetful(MAX))))
})
