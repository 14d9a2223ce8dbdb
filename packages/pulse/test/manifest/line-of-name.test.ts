import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineOfName } from '../../src/manifest/line-of-name.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined
const RUNS = isSlow ? 500 : 20
/** Names, on the way to which the table grows many times. */
const MANY = isSlow ? 1_000_000 : 100_000

const names = fc.array(
  fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.nat(2000).map((n) => `service-${n}`),
  ),
  { maxLength: 3000, size: 'max' },
)

const knows = (Lines: new () => Shape<LineOfName>) =>
  fc.property(names, (all) => {
    const lines = new Lines()
    const met = new Map<string, number>()
    return all.every((name, index) => {
      const before = met.get(name) ?? 0
      if (before === 0) met.set(name, index + 1)
      return lines.find(name) === before && lines.meet(name, index + 1) === before
    })
  })

/** Forgets when it grows. */
class Forgetful implements Shape<LineOfName> {
  #lines = new LineOfName()
  #size = 0

  find(name: string): number {
    return this.#lines.find(name)
  }

  meet(name: string, line: number): number {
    if (++this.#size % 1000 === 0) this.#lines = new LineOfName()
    return this.#lines.meet(name, line)
  }
}

describe('LineOfName', () => {
  it('knows where each name was met first', () => holds(knows(LineOfName), RUNS))
  it('one that forgets is found out', () => fails(knows(Forgetful), 50))

  it('tells many names apart', () => {
    const lines = new LineOfName()
    let taken = 0
    for (let index = 1; index <= MANY; index++) if (lines.meet(`service-${index}`, index) !== 0) taken++
    expect(taken).toBe(0)
  })
})
