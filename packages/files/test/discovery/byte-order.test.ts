import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes } from '../../src/discovery/byte-order.ts'
import { compareCodeUnits } from './mutants/code-unit-order.ts'

/** Few characters from both sides of every border, so that pairs share prefixes and differ where it matters. */
const text = fc
  .array(fc.constantFrom('a', '.', '/', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{1f600}'), { maxLength: 4 })
  .map((characters) => characters.join(''))

function ordersAsBytes(compare: (a: string, b: string) => number) {
  return fc.property(text, text, (a, b) => Math.sign(compare(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

test('orders as the UTF-8 bytes do', () => {
  fc.assert(ordersAsBytes(compareBytes), { numRuns: 2000 })
})

test('the property fails for code units', () => {
  expect(fc.check(ordersAsBytes(compareCodeUnits), { numRuns: 2000, seed: 1 }).failed).toBe(true)
})
