import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../src/processor/decode-text.ts'

const bytes = (...values: number[]) => Buffer.from(values)

describe('decodeText', () => {
  it('gives back any text without NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (drawn) => {
        // A lone surrogate is no character, so no file can hold it.
        const text = drawn
          .replaceAll('\0', '')
          .toWellFormed()
          .replace(/^\ufeff/, '')
        expect(decodeText(Buffer.from(text), 'a.js')).toBe(text)
      }),
    )
  })

  it('removes one byte-order mark', () => {
    expect(decodeText(Buffer.from('\ufeffa'), 'a.js')).toBe('a')
    expect(decodeText(Buffer.from('\ufeff\ufeffa'), 'a.js')).toBe('\ufeffa')
    expect(decodeText(Buffer.alloc(0), 'a.js')).toBe('')
  })

  it.each([
    ['a lone continuation byte', bytes(0x61, 0x80)],
    ['Latin-1', Buffer.from('caf\xe9', 'latin1')],
    ['an encoded surrogate', bytes(0xed, 0xa0, 0x80)],
    ['a truncated character', bytes(0xe2, 0x82)],
    ['an overlong form', bytes(0xc0, 0xaf)],
  ])('refuses %s', (_, given) => {
    expect(() => decodeText(given, 'dir/a.js')).toThrow(
      expect.objectContaining({ code: 'FILE_NOT_UTF8', message: expect.stringContaining('dir/a.js is not UTF-8') }),
    )
  })

  it('names UTF-16 by its mark instead of calling it binary', () => {
    const little = Buffer.from('\ufeffconst a = 1', 'utf16le')
    expect(() => decodeText(little, 'a.js')).toThrow(expect.objectContaining({ code: 'FILE_NOT_UTF8' }))
    expect(() => decodeText(little, 'a.js')).toThrow('a.js is UTF-16LE')
    expect(() => decodeText(little.swap16(), 'a.js')).toThrow('a.js is UTF-16BE')
  })

  it('says where a binary shows itself', () => {
    expect(() => decodeText(Buffer.from('PNG\0\xff', 'latin1'), 'a.js')).toThrow(
      expect.objectContaining({ code: 'FILE_BINARY', detail: { path: 'a.js', offset: 3 } }),
    )
  })
})
