import { expect, test } from 'vitest'
import type { CaseCutter } from './cut-case.ts'
import { Fuzzer } from './fuzzer.ts'
import { alterations, alteringCutter } from './mutants/altered-results.ts'
import { patchedCutter } from './mutants/patched-cutter.ts'
import { patches } from './mutants/patches.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const never = Number.POSITIVE_INFINITY
const shares = { exact: 2, whole: never, clipper: never, polybool: never }

function run(cutter: CaseCutter, cases = 5000): void {
  const fuzzer = new Fuzzer(shares, cutter)
  for (let seed = 0; seed < cases; seed++) fuzzer.run(seed)
}

test('the fuzzer finds nothing in a copy that is as it was', async () => {
  const cutter = await patchedCutter()
  expect(() => run(cutter, 100)).not.toThrow()
  expect(() =>
    run(
      alteringCutter((fragments) => fragments),
      200,
    ),
  ).not.toThrow()
})

/** To compile a copy takes longer than to find out what is wrong with it: every second one will do. */
const names = Object.keys(patches).filter((_, i) => slow || i % 2 === 0)

test.each(names)('the fuzzer finds out when %s', async (name) => {
  const cutter = await patchedCutter(patches[name]!)
  expect(() => run(cutter), 'the mutant survived').toThrow(/^case \d+/)
})

test.each(Object.keys(alterations))('the fuzzer finds out when %s', (name) => {
  expect(() => run(alteringCutter(alterations[name]!)), 'the mutant survived').toThrow(/^case \d+/)
})
