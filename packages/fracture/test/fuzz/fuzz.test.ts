import { expect, test, vi } from 'vitest'
import { Fuzzer } from './fuzzer.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const CASES = slow ? 120_000 : 5000
const shares = slow
  ? { exact: 1, whole: 7, clipper: 8, polybool: 50 }
  : { exact: 10, whole: 100, clipper: 150, polybool: 400 }

test(`${CASES} polygons of all kinds fall into fragments that cover them and do not overlap`, {
  timeout: 1_200_000,
}, () => {
  // polybooljs says so where it fails itself.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const fuzzer = new Fuzzer(shares)
  for (let seed = 0; seed < CASES; seed++) fuzzer.run(seed)
  const { refused } = fuzzer
  // What nearly touches may be refused, and what is too far from the origin must: a few, or the generators are amiss.
  expect(refused.crossing + refused.near).toBeLessThan(0.01 * CASES)
  expect(refused.far).toBeLessThan(0.03 * CASES)
  expect(fuzzer.exact).toBeGreaterThan(0.1 * CASES)
  expect(fuzzer.exact).toBeLessThan(0.6 * CASES)
})
