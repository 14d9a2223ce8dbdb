import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterDeath, type DeathVerdict, type RetryPlan, type Trial } from '../../src/dispatch/after-death.ts'

type Verdict = typeof afterDeath<number>

/**
 * Runs a batch to its end under a verdict function: file n kills its worker when `killers` has it; a group report covers `grain` files in a normal
 * trial, as a worker's reports do.
 */
function simulate(files: readonly number[], killers: ReadonlySet<number>, grain: number, verdict: Verdict) {
  const delivered: number[] = []
  const quarantined: number[] = []
  const queue: RetryPlan<number>[] = [{ trial: 'normal', files }]
  let deaths = 0
  for (let plan = queue.shift(); plan !== undefined; plan = queue.shift()) {
    if (deaths > 10 * (files.length + 1)) throw new Error('the recovery does not end')
    const at = plan.files.findIndex((file) => killers.has(file))
    if (at === -1) {
      delivered.push(...plan.files)
      continue
    }
    deaths++
    const reported = plan.trial === 'normal' ? at - (at % grain) : at
    delivered.push(...plan.files.slice(0, reported))
    const { poison, retries } = verdict(plan.trial, 'crashed', plan.files.slice(reported))
    if (poison !== undefined) quarantined.push(poison)
    queue.push(...retries)
  }
  return { delivered, quarantined, deaths }
}

function checkRecovery(verdict: Verdict) {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.nat(199), { maxLength: 8 }),
      fc.integer({ min: 1, max: 50 }),
      (count, places, grain) => {
        const files = Array.from({ length: count }, (_, index) => index)
        const killers = new Set(places.filter((place) => place < count))
        const { delivered, quarantined, deaths } = simulate(files, killers, grain, verdict)
        expect(quarantined.toSorted((a, b) => a - b)).toEqual([...killers].toSorted((a, b) => a - b))
        expect(delivered.toSorted((a, b) => a - b)).toEqual(files.filter((file) => !killers.has(file)))
        expect(deaths).toBeLessThanOrEqual(2 * killers.size + 1)
      },
    ),
  )
}

describe('afterDeath', () => {
  test('exactly the poison is quarantined, all others are delivered, in at most 2k + 1 deaths', () => {
    checkRecovery(afterDeath)
  })

  test('the property fails for a verdict that blames the first file not reported', () => {
    const hasty: Verdict = (_trial: Trial, _reason, undone): DeathVerdict<number> => ({
      poison: undone[0],
      suspect: undone[0],
      retries: undone.length > 1 ? [{ trial: 'normal', files: undone.slice(1) }] : [],
    })
    expect(() => checkRecovery(hasty)).toThrow()
  })

  test('a deadline missed by an announced file needs no third proof', () => {
    expect(afterDeath('cautious', 'deadline', [7, 8])).toEqual({
      poison: 7,
      suspect: 7,
      retries: [{ trial: 'cautious', files: [8] }],
    })
  })

  test('a single file that killed its worker is tried alone once more before it is judged', () => {
    expect(afterDeath('normal', 'crashed', [7])).toEqual({
      poison: undefined,
      suspect: 7,
      retries: [{ trial: 'alone', files: [7] }],
    })
    expect(afterDeath('alone', 'crashed', [7])).toEqual({ poison: 7, suspect: 7, retries: [] })
  })

  test('a worker that died after its last file costs nothing', () => {
    expect(afterDeath('normal', 'crashed', [])).toEqual({ poison: undefined, suspect: undefined, retries: [] })
  })
})
