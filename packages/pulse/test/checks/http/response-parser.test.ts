import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ResponseParser } from '../../../src/checks/http/response-parser.ts'

type Subject = new (bounds: { isHead: boolean; keepsBody: boolean; maxBody: number }) => Shape<ResponseParser>

/** What a parser says of bytes that come in pieces, cut before each of `cuts`, and then end. */
function saidOf(subject: Subject, bytes: Buffer, cuts: readonly number[], isHead: boolean) {
  const parser = new subject({ isHead, keepsBody: true, maxBody: 300 })
  let from = 0
  for (const to of [...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]) {
    // In memory that is used for something else afterwards.
    const piece = new Uint8Array(to - from + 20).fill(0x0a)
    piece.set(bytes.subarray(from, to))
    parser.feed(piece, to - from)
    piece.fill(0x31)
    from = to
  }
  parser.end()
  const { hasHead, fault, isDone, leavesOpen } = parser
  const body = fault === undefined ? Buffer.from(parser.body).toString('latin1') : ''
  const { status, location } = parser.head
  return { hasHead, fault, isDone, leavesOpen, body, ...(hasHead && { status, location }) }
}

const line = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 100 Continue',
  'HTTP/1.0 404 No',
  'HTTP/1.1 204',
  'HTTP/2 200',
  'Content-Length: 5',
  'CONTENT-LENGTH:\t12 ',
  'Content-Length: 400',
  'Content-Length: x',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'Location: /a',
  ' folded',
  'X-A: b',
  `X-Long: ${'y'.repeat(4000)}`,
  'none',
  '5',
  '5;a=b',
  'hello',
  'c8',
  'z'.repeat(200),
  '0',
  '',
  '',
)
const text = fc
  .tuple(
    fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
    fc.array(line, { maxLength: 12 }),
  )
  .chain(([start, lines]) =>
    fc
      .array(fc.constantFrom('\r\n', '\r\n', '\n', '\r'), { minLength: lines.length, maxLength: lines.length })
      .map((ends) => start + lines.map((each, at) => each + ends[at]).join('')),
  )

function saysTheSame(subject: Subject): fc.IProperty<unknown> {
  return fc.property(text, fc.array(fc.nat(300), { maxLength: 8 }), fc.boolean(), (response, cuts, isHead) => {
    const bytes = Buffer.from(response, 'latin1')
    const whole = saidOf(subject, bytes, [], isHead)
    expect(saidOf(subject, bytes, cuts, isHead)).toEqual(whole)
  })
}

test('however a response is cut, it comes to the same', async () => {
  await holds(saysTheSame(ResponseParser), 2000)
})

test('cut before every byte, and before each one', () => {
  const responses = [
    'HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nLocation: /a\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5;x\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n',
    'HTTP/1.0 200\n\nhello',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more',
    'HTTP/1.1 twohundred\r\n\r\n',
  ]
  for (const response of responses) {
    const bytes = Buffer.from(response)
    const whole = saidOf(ResponseParser, bytes, [], false)
    const all = Array.from(bytes, (_, at) => at)
    expect(saidOf(ResponseParser, bytes, all, false)).toEqual(whole)
    for (const cut of all) expect(saidOf(ResponseParser, bytes, [cut], false)).toEqual(whole)
  }
})

test('whatever comes, it ends, and holds no more than it may', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (garbage, hasStart) => {
      const start = hasStart ? 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' : ''
      const { body } = saidOf(ResponseParser, Buffer.concat([Buffer.from(start), garbage]), [], false)
      expect(body.length).toBeLessThanOrEqual(300)
    }),
    { seed: 1, numRuns: 500 },
  )
})

test('a mutant that does not join what was cut is caught', async () => {
  class Forgetful extends ResponseParser {
    override feed(bytes: Uint8Array, count: number): void {
      // As if each piece began with a line of its own.
      super.feed(bytes, count)
      if (bytes[count - 1] === 0x0d) super.feed(new Uint8Array([0x0a]), 1)
    }
  }
  await fails(saysTheSame(Forgetful), 2000)
})
