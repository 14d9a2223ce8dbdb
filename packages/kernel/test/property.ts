import fc from 'fast-check'
import { expect } from 'vitest'

export { normalFrom as gaussFrom, seededRandom as randomFrom } from '../src/seeded-random.ts'

/** What a test may use of a part, so that a mutant can stand in for it. */
export type Shape<T> = Pick<T, keyof T>

const SEED = 20_240_229

/** Shows that the property holds. */
export async function holds(property: fc.IRawProperty<unknown>, numRuns = 200): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns })
}

/** Shows that the property can fail: the mutant under it is caught. */
export async function fails(property: fc.IRawProperty<unknown>, numRuns = 200): Promise<void> {
  const { failed } = await fc.check(property, { seed: SEED, numRuns, endOnFailure: true })
  expect(failed, 'the mutant survived').toBe(true)
}

/** Checks that `action` throws, or rejects with, a `MillraceError` of `code`, and returns its message. */
export async function messageOf(code: string, action: () => unknown): Promise<string> {
  try {
    await action()
  } catch (error) {
    expect(error).toMatchObject({ name: 'MillraceError', code })
    return error instanceof Error ? error.message : ''
  }
  throw new Error(`${code} was not thrown`)
}
