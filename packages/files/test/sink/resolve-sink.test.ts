import { describe, expect, it } from 'vitest'
import { jsonl } from '../../src/sink/jsonl.ts'
import { BUILT_IN_SINKS, resolveSink } from '../../src/sink/resolve-sink.ts'
import { defineSink, type Sink } from '../../src/sink/sink.ts'

const own: Sink = { name: 'own', extension: '.own', open: () => ({ write() {}, commit() {}, abort() {} }) }

describe('resolveSink', () => {
  it('knows the built-in ones by name', () => {
    for (const sink of BUILT_IN_SINKS) expect(resolveSink(sink.name)).toBe(sink)
    expect(resolveSink('jsonl')).toBe(jsonl)
  })

  it('takes a sink as it is', () => {
    expect(resolveSink(own)).toBe(own)
  })

  it('names those it knows when asked for another', () => {
    expect(() => resolveSink('xml')).toThrow(
      expect.objectContaining({ code: 'SINK_UNKNOWN', message: expect.stringMatching(/"xml".*jsonl/) }),
    )
  })
})

describe('defineSink', () => {
  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /must be an object, got undefined/],
    ['null', null, /got null/],
    ['no name', { ...own, name: '' }, /needs a name/],
    ['an ending without a dot', { ...own, extension: 'own' }, /starts with a dot, got own/],
    ['no open', { ...own, open: undefined }, /needs an open function/],
    ['a target that is no function', { ...own, target: 'x' }, /target that is not a function/],
    ['a check that is no function', { ...own, check: true }, /check that is not a function/],
  ])('refuses %s', (_, sink, message) => {
    expect(() => defineSink(sink as Sink)).toThrow(
      expect.objectContaining({ code: 'SINK_INVALID', message: expect.stringMatching(message) }),
    )
  })
})
