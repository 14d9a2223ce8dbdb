import { describe, expect, it } from 'vitest'
import { defineProcessor, type Processor } from '../../src/processor/processor.ts'

const fine = { name: 'fine', version: '1', match: () => true, process: () => ({}) }

describe('defineProcessor', () => {
  it('returns what it was given', () => {
    expect(defineProcessor(fine)).toBe(fine)
    const more = { ...fine, highlights: () => [] }
    expect(defineProcessor(more)).toBe(more)
  })

  it.each([
    [undefined, 'must be an object, got undefined'],
    [null, 'must be an object, got null'],
    ['syntax', 'must be an object, got syntax'],
    [{ ...fine, name: '' }, 'needs a name, got '],
    [{ ...fine, version: 1 }, 'needs a version, got 1 ("fine")'],
    [{ ...fine, match: true }, 'needs a match function ("fine")'],
    [{ ...fine, process: undefined }, 'needs a process function ("fine")'],
    [{ ...fine, highlights: [] }, 'has highlights that is not a function ("fine")'],
  ])('%j %s', (given, message) => {
    expect(() => defineProcessor(given as unknown as Processor)).toThrow(
      expect.objectContaining({ code: 'PROCESSOR_INVALID', message: expect.stringContaining(message) }),
    )
  })
})
