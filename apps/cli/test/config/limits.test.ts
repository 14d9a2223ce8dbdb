import { BatchProcessingEngine } from '@millrace/files'
import { MillraceError } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { describeLimit, type Limit, limits, withinLimit } from '../../src/config/limits.ts'

function accepts(field: string, value: number): boolean {
  try {
    new BatchProcessingEngine({ [field]: value })
    return true
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'OPTION_INVALID') return false
    throw error
  }
}

describe.each(Object.entries<Limit>(limits))('the limit of %s', (field, limit) => {
  const { min, max, whole } = limit
  const values = [min, min - (whole ? 1 : 0.01), min + 0.5, ...(max === undefined ? [] : [max, max + 1])]
  it.each(values)('is the engine’s, at %d', (value) => {
    expect(withinLimit(value, limit)).toBe(accepts(field, value))
  })
})

it('is said in words', () => {
  expect(describeLimit(limits.workerCount)).toBe('a whole number from 1 to 1024')
  expect(describeLimit(limits.maxFileBytes)).toBe('a whole number of at least 1 (bytes)')
  expect(describeLimit(limits.timeoutSeconds)).toBe('a number from 0.05 to 86400 (seconds)')
})
