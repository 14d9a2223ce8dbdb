import { messageOf } from '@millrace/kernel/test/property'
import {
  addComponent,
  addEntity,
  createEntityIndex,
  createRelation,
  createWorld,
  Hierarchy,
  removeEntity,
  removeQuery,
  withVersioning,
} from 'bitecs'
import { describe, expect, it } from 'vitest'
import { type QuerySystemOptions, querySystem, worldSystem } from '../../src/adapters/bitecs.ts'
import { begin, FRAME, runRound } from './frame.ts'

const Position = { x: [] as number[] }
const options = { type: 'Physics', cost: 0.1, query: [Position] } as const

describe('querySystem of bitECS', () => {
  it('makes a definition, named for what it does with an entity', () => {
    const world = createWorld()
    const each = function fall() {}
    expect(querySystem(world, { ...options, each, everyFrames: 2 })).toMatchObject({
      name: 'fall',
      type: 'Physics',
      cost: 0.1,
      everyFrames: 2,
    })
    expect(querySystem(world, { ...options, each, name: 'gravity' }).name).toBe('gravity')
  })

  it('leaves an entity whose id was recycled to the next round, where the world has versions', () => {
    const world = createWorld(createEntityIndex(withVersioning(8)))
    const seen: number[] = []
    const system = querySystem(world, { ...options, each: (entity) => seen.push(entity), chunk: 1 })
    const [first, second] = [addEntity(world, Position), addEntity(world, Position)]
    const round = begin(system)
    round.next()
    removeEntity(world, second)
    const recycled = addEntity(world, Position)
    expect([round.next().done, seen]).toEqual([true, [first]])
    runRound(system)
    expect(new Set(seen)).toEqual(new Set([first, recycled]))
  })

  it('goes on when bitECS is told to remove the query', () => {
    const world = createWorld()
    const seen: number[] = []
    const system = querySystem(world, { ...options, each: (entity) => seen.push(entity) })
    removeQuery(world, [Position])
    const entity = addEntity(world, Position)
    removeEntity(world, addEntity(world, Position))
    runRound(system)
    expect([seen, system.feature?.()]).toEqual([[entity], 1])
  })

  it('visits the subjects of a relation', () => {
    const world = createWorld()
    const ChildOf = createRelation()
    const seen: number[] = []
    const parent = addEntity(world)
    const system = querySystem(world, { ...options, query: [ChildOf(parent)], each: (entity) => seen.push(entity) })
    const child = addEntity(world)
    addComponent(world, child, ChildOf(parent))
    runRound(system)
    expect(seen).toEqual([child])
  })

  it.each<[string, Partial<QuerySystemOptions>]>([
    ['query', { query: [] }],
    ['query', { query: [Position, Hierarchy(createRelation())] }],
    ['chunk', { chunk: 0 }],
    ['chunk', { chunk: Number.NaN }],
    ['each', { each: 'fall' as never }],
  ])('refuses a bad %s', async (option, given) => {
    const make = () => querySystem(createWorld(), { ...options, each: () => {}, ...given })
    expect(await messageOf('OPTION_INVALID', make)).toContain(`querySystem: ${option} must be`)
  })
})

describe('worldSystem', () => {
  it('gives a system the world and the frame, and its answer to the controller', () => {
    const world = createWorld({ time: 3 })
    const system = worldSystem(world, { type: 'AI', cost: 0.2, run: ({ time }, frame) => time + frame.deltaMs })
    expect(system.run(FRAME)).toBe(19)
    expect(worldSystem(world, { type: 'AI', cost: 0.2, run: function think() {} }).name).toBe('think')
  })

  it('may yield', () => {
    const system = worldSystem(createWorld(), {
      type: 'AI',
      cost: 0.2,
      *run(world) {
        addEntity(world)
        yield
        addEntity(world)
      },
    })
    expect(runRound(system)).toBe(2)
  })
})
