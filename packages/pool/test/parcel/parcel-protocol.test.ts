import { describe, expect, it } from 'vitest'
import { EarlyBegunHolder } from '../mutants/early-begun-holder.ts'
import { LimitFirstHolder } from '../mutants/limit-first-holder.ts'
import { RaisingParcelOwner } from '../mutants/raising-parcel-owner.ts'
import { RashParcelOwner } from '../mutants/rash-parcel-owner.ts'
import { ParcelStage, type Setting } from './parcel-stage.ts'

const slow = process.env.MILLRACE_SLOW !== undefined

const settings: readonly Setting[] = [
  { entries: 1, cuts: 0 },
  { entries: 2, cuts: 2 },
  { entries: 2, cuts: 1, skips: 1 },
  ...(slow
    ? [
        { entries: 3, cuts: 2 },
        { entries: 3, cuts: 1, skips: 1 },
      ]
    : []),
]

describe('taking back what is not begun, in every interleaving and with a death at every step', () => {
  it.each(settings)(
    'runs each entry once, loses none, and reads outputs whole: %j',
    (setting) => {
      const { states, violation } = new ParcelStage(setting).explore()

      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(50)
    },
    300_000,
  )

  it('is caught when the worker looks at the limit before it says what it begins', () => {
    expect(new ParcelStage({ entries: 2, cuts: 1, Holder: LimitFirstHolder }).explore().violation).toMatch('twice')
  })

  it('is caught when the pool does not look again', () => {
    expect(new ParcelStage({ entries: 2, cuts: 1, Owner: RashParcelOwner }).explore().violation).toMatch('twice')
  })

  it('is caught when a limit is set once more, higher than before', () => {
    expect(new ParcelStage({ entries: 2, cuts: 2, Owner: RaisingParcelOwner }).explore().violation).toMatch('twice')
  })

  it('is caught when the worker says what it begins before the output of the entry before', () => {
    const { violation } = new ParcelStage({ entries: 2, cuts: 1, Holder: EarlyBegunHolder }).explore()
    expect(violation).toMatch(/race|torn/)
  })
})
