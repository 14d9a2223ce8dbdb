import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bisect } from '../../src/execute/bisect.ts'
import { BackwardBisect, OneByOne, TrustingBisect, UnreasoningBisect } from '../mutants/bisects.ts'
import { fails, holds, messageOf, randomFrom, type Shape } from '../property.ts'

type MakeBisect = (count: number) => Shape<Bisect>

/** Searches among `count`, and checks that parts come in order and that each item is decided by what was tried. */
function search(bisect: Shape<Bisect>, count: number, isFailing: (from: number, to: number) => boolean) {
  const atFault: number[] = []
  let decided = 0
  let tries = 0
  for (let part = bisect.next(); part !== undefined; part = bisect.next()) {
    const isSingle = part.to - part.from === 1
    if (++tries >= 2 * count) throw new Error('it does not end')
    if (part.from !== decided) throw new Error(`item ${part.from} is tried, and ${decided} is not decided`)
    if (part.to <= part.from || part.to > count) throw new Error(`there is no part from ${part.from} to ${part.to}`)
    if (isFailing(part.from, part.to)) {
      const index = bisect.failed()
      if (index !== (isSingle ? part.from : undefined)) throw new Error(`${index} is blamed, not ${part.from}`)
      if (index === undefined) continue
      atFault.push(index)
    } else {
      bisect.passed()
    }
    decided = part.to
  }
  expect(decided, 'items are left undecided').toBe(count)
  return { atFault, tries }
}

const levels = (count: number) => Math.ceil(Math.log2(count))
const among = (faults: readonly number[]) => (from: number, to: number) =>
  faults.some((fault) => fault >= from && fault < to)

const findsFaults = (makeBisect: MakeBisect) =>
  fc.property(
    fc
      .integer({ min: 1, max: 300 })
      .chain((count) =>
        fc.tuple(fc.constant(count), fc.uniqueArray(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: 12 })),
      ),
    ([count, drawn]) => {
      const faults = drawn.toSorted((one, other) => one - other)
      const { atFault, tries } = search(makeBisect(count), count, among(faults))
      expect(atFault).toEqual(faults)
      // Each fault has the levels above it, which several share near the root.
      const shared = levels(faults.length)
      expect(tries).toBeLessThanOrEqual(2 * faults.length * (levels(count) - shared + 2) + 1)
    },
  )

const findsOneFault = (makeBisect: MakeBisect) =>
  fc.property(fc.integer({ min: 1, max: 400 }), (count) => {
    let sum = 0
    for (let fault = 0; fault < count; fault++) {
      const { atFault, tries } = search(makeBisect(count), count, among([fault]))
      if (atFault.length !== 1 || atFault[0] !== fault) throw new Error(`${atFault} is blamed, not ${fault}`)
      if (tries > 2 * levels(count) + 1) throw new Error(`${tries} tries for item ${fault} of ${count}`)
      sum += tries
    }
    // Every second time the first half passes, and then the second is not tried whole.
    expect(sum / count).toBeLessThanOrEqual(1.5 * levels(count) + 1)
  })

/** Whatever fails by chance: all is decided once, and only by what became of it alone. */
const survivesChance = (makeBisect: MakeBisect) =>
  fc.property(
    fc.integer({ min: 1, max: 100 }),
    fc.integer(),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (count, seed, odds) => {
      const random = randomFrom(seed)
      search(makeBisect(count), count, () => random() < odds)
    },
  )

describe('Bisect', () => {
  it('finds all faults, in order, in O(k log(n / k))', () => holds(findsFaults((count) => new Bisect(count))))

  it('finds one fault in 2 ceil(log2 n) + 1 tries, usually in three quarters of that', () =>
    holds(
      findsOneFault((count) => new Bisect(count)),
      25,
    ))

  it('decides everything once, though parts fail by chance', () => holds(survivesChance((count) => new Bisect(count))))

  it('is caught trying one by one', () => fails(findsFaults((count) => new OneByOne(count))))

  it('is caught trying whole what must hold the fault', () =>
    fails(
      findsOneFault((count) => new UnreasoningBisect(count)),
      25,
    ))

  it('is caught going backwards', () => fails(findsFaults((count) => new BackwardBisect(count))))

  it('is caught blaming what it has not tried alone', () => fails(survivesChance((count) => new TrustingBisect(count))))

  it('needs 25 writes at most for one fault in 857, the first included', () => {
    for (let fault = 0; fault < 857; fault++) {
      const { tries } = search(new Bisect(857), 857, among([fault]))
      expect(tries + 1).toBeLessThanOrEqual(22)
    }
  })

  it('gives the same part until told what became of it, and hears only of that', async () => {
    const bisect = new Bisect(4)
    bisect.passed()
    expect(bisect.failed()).toBe(undefined)
    expect(bisect.next()).toMatchObject({ from: 0, to: 2 })
    expect(bisect.next()).toMatchObject({ from: 0, to: 2 })
    bisect.passed()
    bisect.passed()
    expect(bisect.next()).toMatchObject({ from: 2, to: 3 })
    expect(bisect.failed()).toBe(2)
    expect(bisect.next()).toMatchObject({ from: 3, to: 4 })
    bisect.passed()
    expect(bisect.next()).toBe(undefined)
    await messageOf('OPTION_INVALID', () => new Bisect(0))
  })
})
