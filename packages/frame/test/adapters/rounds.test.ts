import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { begin, runRound } from './frame.ts'
import { bitecsWorld, libraries, type TestWorld } from './libraries.ts'
import { liveRounds } from './mutants/live-rounds.ts'
import { trustingRounds } from './mutants/trusting-rounds.ts'

type Change =
  | readonly ['spawn', hasA: boolean, hasB: boolean]
  | readonly ['destroy', at: number]
  | readonly ['toggle', at: number, name: 'A' | 'B']

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constant('spawn' as const), fc.boolean(), fc.constant(false)),
  fc.tuple(fc.constant('destroy' as const), fc.nat(30)),
  fc.tuple(fc.constant('toggle' as const), fc.nat(30), fc.constantFrom('A' as const, 'B' as const)),
)

/** Applies changes to a world, and knows which entities live. */
class Population {
  readonly #world: TestWorld
  readonly #alive: number[] = []

  constructor(world: TestWorld, size: number) {
    this.#world = world
    for (let index = 0; index < size; index++) this.apply(['spawn', index % 5 !== 0, index % 7 === 0])
  }

  apply(change: Change): void {
    if (change[0] === 'spawn') this.#alive.push(this.#world.spawn(change[1], change[2]))
    else if (this.#alive.length > 0) {
      const at = change[1] % this.#alive.length
      if (change[0] === 'toggle') this.#world.toggle(this.#alive[at]!, change[2])
      else this.#world.destroy(this.#alive.splice(at, 1)[0]!)
    }
  }

  matching(): Set<number> {
    return new Set(this.#alive.filter((entity) => this.#world.matches(entity)))
  }
}

/**
 * Whatever happens between the steps of a round and within them, it visits whatever matched all the time exactly once, and nothing twice,
 * nothing that does not match, and nothing that did not when it began.
 */
const visitsWhatMatches = (createWorld: () => TestWorld) =>
  fc.property(
    fc.integer({ min: 1, max: 5 }),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant('step' as const) }, { weight: 1, arbitrary: change }), {
      maxLength: 60,
      size: 'max',
    }),
    fc.array(fc.option(change, { freq: 2 }), { maxLength: 20 }),
    (chunk, script, changesWithin) => {
      const world = createWorld()
      const population = new Population(world, 12)
      let begun = new Set<number>()
      let throughout = new Set<number>()
      let visited = new Set<number>()
      let visits = 0
      const apply = (change: Change) => {
        population.apply(change)
        for (const entity of throughout) if (!world.matches(entity)) throughout.delete(entity)
      }
      const system = world.system((entity) => {
        expect({
          entity,
          isNew: !visited.has(entity),
          begun: begun.has(entity),
          matches: world.matches(entity),
        }).toEqual({ entity, isNew: true, begun: true, matches: true })
        visited.add(entity)
        const within = changesWithin[visits++]
        if (within) apply(within)
      }, chunk)

      let round: Generator | undefined
      for (const command of script) {
        if (command !== 'step') apply(command)
        else {
          if (round === undefined) {
            round = begin(system)
            begun = population.matching()
            throughout = new Set(begun)
            visited = new Set()
            expect(system.feature?.()).toBe(begun.size)
          }
          if (round.next().done === true) {
            expect([...throughout].filter((entity) => !visited.has(entity))).toEqual([])
            round = undefined
          }
        }
      }
    },
  )

describe.each(libraries)('a round of $name', ({ createWorld }) => {
  it('visits whatever matches throughout exactly once', () => holds(visitsWhatMatches(createWorld), 500))

  it('yields after every chunk, but not after the last', () => {
    const world = createWorld()
    const seen: number[] = []
    const system = world.system((entity) => seen.push(entity), 4)
    expect([runRound(system), seen.length]).toEqual([1, 0])
    for (let count = 0; count < 8; count++) world.spawn(true, false)
    expect([runRound(system), seen.length]).toEqual([2, 8])
    world.spawn(true, false)
    expect([runRound(system), seen.length]).toEqual([3, 17])
  })

  it('is not disturbed by another of the same system', () => {
    const world = createWorld()
    for (let count = 0; count < 6; count++) world.spawn(true, false)
    const seen: number[] = []
    const system = world.system((entity) => seen.push(entity), 4)
    const first = begin(system)
    first.next()
    world.spawn(true, false)
    world.destroy(seen[0]!)
    expect(runRound(system)).toBe(2)
    expect(first.next().done).toBe(true)
    expect([seen.length, new Set(seen).size]).toEqual([12, 7])
  })

  it('begins anew after a throw', () => {
    const world = createWorld()
    for (let count = 0; count < 6; count++) world.spawn(true, false)
    const seen: number[] = []
    const system = world.system((entity) => {
      if (seen.push(entity) === 3) throw new Error('of the system')
    })
    expect(() => runRound(system)).toThrow('of the system')
    runRound(system)
    expect([seen.length, new Set(seen).size]).toEqual([9, 6])
  })

  it('ends where the world is reset, and the next one goes on with the new one', () => {
    const world = createWorld()
    for (let count = 0; count < 6; count++) world.spawn(true, false)
    const seen: number[] = []
    const system = world.system((entity) => seen.push(entity), 4)
    const round = begin(system)
    round.next()
    world.reset()
    for (let count = 0; count < 3; count++) world.spawn(true, false)
    expect(round.next().done).toBe(true)
    expect(seen.length).toBe(4)
    expect(system.feature?.()).toBe(3)
    runRound(system)
    expect(seen.length).toBe(7)
  })

  it('takes as its feature how many match now', () => {
    const world = createWorld()
    const system = world.system(() => {})
    expect(system.feature?.()).toBe(0)
    const [first] = [world.spawn(true, false), world.spawn(true, true), world.spawn(true, false)]
    expect(system.feature?.()).toBe(2)
    world.destroy(first)
    expect(system.feature?.()).toBe(1)
  })
})

describe('a mutant of a round', () => {
  it('is caught when it walks the list of the library while it changes', () =>
    fails(
      visitsWhatMatches(() => bitecsWorld(liveRounds)),
      500,
    ))

  it('is caught when it trusts that what matched still does', () =>
    fails(
      visitsWhatMatches(() => bitecsWorld(trustingRounds)),
      500,
    ))
})
