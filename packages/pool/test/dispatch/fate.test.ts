import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fateOf, type OrphanFacts } from '../../src/dispatch/fate.ts'

const facts: fc.Arbitrary<OrphanFacts> = fc.record({
  started: fc.boolean(),
  retryable: fc.boolean(),
  deaths: fc.integer({ min: 0, max: 5 }),
  maxDeaths: fc.integer({ min: 1, max: 4 }),
})

/** Nothing that had effects has them twice unasked, nothing innocent is refused, and no culprit runs for ever. */
function isFair(decide: typeof fateOf): fc.IRawProperty<unknown> {
  return fc.property(facts, (orphan) => {
    const fate = decide(orphan)
    if (!orphan.started) expect(fate).toBe('again')
    else if (!orphan.retryable) expect(fate).toBe('reject')
    else expect(fate).toBe(orphan.deaths < orphan.maxDeaths ? 'again' : 'reject')
  })
}

it('runs again what is innocent or may, and rejects the culprit', () => holds(isFair(fateOf)))

it('is caught when it runs again whatever had started', () =>
  fails(isFair((orphan) => fateOf({ ...orphan, retryable: true }))))
