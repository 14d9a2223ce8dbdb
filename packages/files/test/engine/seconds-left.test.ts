import { expect, test } from 'vitest'
import { secondsLeft } from '../../src/engine/seconds-left.ts'

const costs = { estimatedMs: 10_000, estimatedDoneMs: 0, workSeconds: 0, concurrency: 2 }

test('what is left takes as long as what is done did, by cost', () => {
  expect(secondsLeft({ ...costs, estimatedDoneMs: 2500, workSeconds: 3 })).toBe(9)
  expect(secondsLeft({ ...costs, estimatedDoneMs: 10_000, workSeconds: 3 })).toBe(0)
  // Predictions are corrected while a job runs.
  expect(secondsLeft({ ...costs, estimatedDoneMs: 11_000, workSeconds: 3 })).toBe(0)
})

test('until something is done it is the prediction, and nothing once that has passed', () => {
  expect(secondsLeft(costs)).toBe(5)
  expect(secondsLeft({ ...costs, workSeconds: 3 })).toBe(2)
  expect(secondsLeft({ ...costs, workSeconds: 5 })).toBeNull()
  expect(secondsLeft({ ...costs, workSeconds: 60 })).toBeNull()
})
