import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planFaults } from '../../src/chaos/fault-plan.ts'

const order = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  kills: fc.integer({ min: 1, max: 60 }),
  paths: fc.integer({ min: 1, max: 400 }).map((files) => Array.from({ length: files }, (_, n) => `file-${n}.ts`)),
  deadlineMs: fc.integer({ min: 500, max: 60_000 }),
  canStop: fc.boolean(),
})

describe('a plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(order, (options) => {
        expect(planFaults(options)).toEqual(planFaults(options))
      }),
    )
    const paths = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const plans = [1, 2, 3].map((seed) =>
      JSON.stringify(planFaults({ seed, kills: 20, paths, deadlineMs: 5000, canStop: true })),
    )
    expect(new Set(plans).size).toBe(3)
  })

  it('has as many kills as were asked for, and a start after each of the engine', () => {
    fc.assert(
      fc.property(order, (options) => {
        const legs = planFaults(options)
        const all = legs.flat()
        const engine = all.filter(({ kind }) => kind === 'kill-engine')
        expect(engine.length + all.filter(({ kind }) => kind === 'kill-worker').length).toBe(options.kills)
        expect(legs).toHaveLength(engine.length + 1)
        for (const [index, leg] of legs.entries()) {
          const killed = leg.findIndex(({ kind }) => kind === 'kill-engine')
          expect(killed).toBe(index === legs.length - 1 ? -1 : leg.length - 1)
        }
        if (options.kills > 1) expect(engine.length).toBeGreaterThan(0)
      }),
    )
  })

  it('numbers each fault, damages no file twice, and tells moments by files there are', () => {
    fc.assert(
      fc.property(order, (options) => {
        const all = planFaults(options).flat()
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
        const damaged = all.flatMap((fault) => (fault.kind === 'damage-file' ? [fault.path] : []))
        expect(new Set(damaged).size).toBe(damaged.length)
        for (const path of damaged) expect(options.paths).toContain(path)
        for (const { afterFiles } of all) {
          expect(afterFiles).toBeGreaterThanOrEqual(0)
          expect(afterFiles).toBeLessThanOrEqual(options.paths.length)
        }
      }),
    )
  })

  it('stops nothing for a quarter of a deadline or longer, and nothing at all where that cannot be', () => {
    fc.assert(
      fc.property(order, (options) => {
        for (const fault of planFaults(options).flat()) {
          if ('ms' in fault) expect(fault.ms).toBeLessThanOrEqual(options.deadlineMs / 4 + 1)
          if (!options.canStop) expect(['kill-engine', 'kill-worker', 'damage-file']).toContain(fault.kind)
        }
      }),
    )
  })
})
