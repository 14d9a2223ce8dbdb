import { messageOf } from '@millrace/kernel/test/property'
import { createChanged, createRemoved, createWorld, Not, Or, relation, trait, universe } from 'koota'
import { beforeEach, describe, expect, it } from 'vitest'
import { type QuerySystemOptions, querySystem, worldSystem } from '../../src/adapters/koota.ts'
import { begin, FRAME, runRound } from './frame.ts'

const Position = trait({ x: 0 })
const Velocity = trait({ x: 0 })
const ChildOf = relation()
const options = { type: 'Physics', cost: 0.1, query: [Position] } as const

// koota has room for 16 worlds.
beforeEach(() => universe.reset())

describe('querySystem of koota', () => {
  it('gives entities that can do what those of koota can', () => {
    const world = createWorld()
    const entity = world.spawn(Position({ x: 3 }))
    const system = querySystem(world, { ...options, each: (entity) => entity.set(Position, { x: entity.id() + 5 }) })
    runRound(system)
    expect(entity.get(Position)).toEqual({ x: entity.id() + 5 })
  })

  it('tells entities of the last worlds, whose numbers are negative, like all others', () => {
    const world = Array.from({ length: 12 }, () => createWorld()).at(-1)!
    const seen: number[] = []
    const system = querySystem(world, { ...options, each: (entity) => seen.push(entity) })
    const entity = world.spawn(Position)
    runRound(system)
    expect([entity < 0, seen]).toEqual([true, [entity]])
  })

  it('takes what has changed since the last round', () => {
    const world = createWorld()
    const Changed = createChanged()
    const seen: number[] = []
    const system = querySystem(world, {
      ...options,
      query: [Position, Changed(Velocity)],
      each: (entity) => seen.push(entity),
      chunk: 1,
    })
    const entities = Array.from({ length: 4 }, () => world.spawn(Position, Velocity))
    const [first, second, third] = entities
    expect(system.feature?.()).toBe(0)
    for (const entity of entities.slice(0, 3)) entity.set(Velocity, { x: 1 })
    expect(system.feature?.()).toBe(3)
    const round = begin(system)
    round.next()
    const [left] = [first!, second!, third!].filter((entity) => !seen.includes(entity))
    left!.remove(Position)
    while (round.next().done !== true);
    expect(new Set([...seen, left])).toEqual(new Set([first, second, third]))
    expect([seen.length, runRound(system), seen.length]).toEqual([2, 1, 2])
  })

  it('does not visit what is dead, though its removal is what a query is for', () => {
    const world = createWorld()
    const Removed = createRemoved()
    const seen: number[] = []
    const system = querySystem(world, { ...options, query: [Removed(Velocity)], each: (entity) => seen.push(entity) })
    const [alive, dead] = [world.spawn(Velocity), world.spawn(Velocity)]
    alive.remove(Velocity)
    dead.destroy()
    runRound(system)
    expect(seen).toEqual([alive])
  })

  it('does not visit what is dead, where koota keeps it in a query of what entities are not', () => {
    const world = createWorld()
    const seen: number[] = []
    const system = querySystem(world, { ...options, query: [Not(Position)], each: (entity) => seen.push(entity) })
    const [alive, dead] = [world.spawn(Velocity), world.spawn(Velocity)]
    dead.destroy()
    runRound(system)
    expect(seen).toEqual([alive])
  })

  it('knows pairs and alternatives', () => {
    const world = createWorld()
    const [parent, other] = [world.spawn(), world.spawn()]
    const seen: number[] = []
    const query = [ChildOf(parent), Or(Position, Velocity)]
    const system = querySystem(world, { ...options, query, each: (entity) => seen.push(entity), chunk: 1 })
    const children = [world.spawn(ChildOf(parent), Velocity), world.spawn(ChildOf(parent), Position)]
    world.spawn(ChildOf(other), Position)
    const round = begin(system)
    round.next()
    for (const child of children) {
      if (seen.includes(child)) continue
      child.remove(ChildOf(parent))
      child.add(ChildOf(other))
    }
    expect([round.next().done, seen.length]).toEqual([true, 1])
  })

  it.each<[string, Partial<QuerySystemOptions>]>([
    ['query', { query: [] }],
    ['chunk', { chunk: 1.5 }],
    ['each', { each: undefined as never }],
  ])('refuses a bad %s', async (option, given) => {
    const make = () => querySystem(createWorld(), { ...options, each: () => {}, ...given })
    expect(await messageOf('OPTION_INVALID', make)).toContain(`querySystem: ${option} must be`)
  })
})

describe('worldSystem', () => {
  it('gives a system the world and the frame', () => {
    const world = createWorld(Position({ x: 3 }))
    const run = (given: typeof world, frame: typeof FRAME) => (given.get(Position)?.x ?? 0) + frame.deltaMs
    expect(worldSystem(world, { type: 'AI', cost: 0.2, run }).run(FRAME)).toBe(19)
  })
})
