import fc from 'fast-check'
import { expect } from 'vitest'

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

/** Uniform numbers from 0 to 1, exclusive, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}

/** Normally distributed numbers of mean 0 and variance 1 (Box and Muller). */
export function gaussFrom(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
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
