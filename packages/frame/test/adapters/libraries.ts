import * as bitecs from 'bitecs'
import * as koota from 'koota'
import * as frameBitecs from '../../src/adapters/bitecs.ts'
import * as frameKoota from '../../src/adapters/koota.ts'
import type { BatchSystem } from '../../src/system/batch-system.ts'
import type { SystemFrame } from '../../src/system/system-frame.ts'

/** What a round does with an entity. */
export type Each = (entity: number, frame: SystemFrame) => void

/** A world in which entities have A or not, and B or not; its query is of those with A and without B. */
export interface TestWorld {
  spawn(hasA: boolean, hasB: boolean): number
  destroy(entity: number): void
  /** Adds A, or B, where it is not, and removes it where it is. */
  toggle(entity: number, name: 'A' | 'B'): void
  /** Whether the entity lives and matches the query, by the library's plainest means. */
  matches(entity: number): boolean
  /** Removes all that there is. */
  reset(): void
  system(each: Each, chunk?: number): BatchSystem
}

export const libraries: readonly { readonly name: string; readonly createWorld: () => TestWorld }[] = [
  { name: 'bitECS', createWorld: () => bitecsWorld(frameBitecs.querySystem) },
  { name: 'koota', createWorld: kootaWorld },
]

/** `querySystem` is given, so that a mutant can stand in for it. */
export function bitecsWorld(querySystem: typeof frameBitecs.querySystem): TestWorld {
  const world = bitecs.createWorld()
  const components = { A: {}, B: {} }
  const { A, B } = components
  return {
    spawn: (hasA, hasB) => bitecs.addEntity(world, ...(hasA ? [A] : []), ...(hasB ? [B] : [])),
    destroy: (entity) => bitecs.removeEntity(world, entity),
    toggle: (entity, name) => {
      const change = bitecs.hasComponent(world, entity, components[name]) ? bitecs.removeComponent : bitecs.addComponent
      change(world, entity, components[name])
    },
    matches: (entity) =>
      bitecs.entityExists(world, entity) &&
      bitecs.hasComponent(world, entity, A) &&
      !bitecs.hasComponent(world, entity, B),
    reset: () => void bitecs.resetWorld(world),
    system: (each, chunk = 256) =>
      querySystem(world, { type: 'Physics', cost: 0.1, query: [A, bitecs.Not(B)], each, chunk }),
  }
}

const traits = { A: koota.trait(), B: koota.trait() }

function kootaWorld(): TestWorld {
  // There may be 16 of them.
  koota.universe.reset()
  const world = koota.createWorld()
  const { A, B } = traits
  return {
    spawn: (hasA, hasB) => world.spawn(...(hasA ? [A] : []), ...(hasB ? [B] : [])),
    destroy: (entity) => (entity as koota.Entity).destroy(),
    toggle: (number, name) => {
      const entity = number as koota.Entity
      if (entity.has(traits[name])) entity.remove(traits[name])
      else entity.add(traits[name])
    },
    matches: (number) => {
      const entity = number as koota.Entity
      return world.has(entity) && entity.has(A) && !entity.has(B)
    },
    reset: () => world.reset(),
    system: (each, chunk = 256) =>
      frameKoota.querySystem(world, { type: 'Physics', cost: 0.1, query: [A, koota.Not(B)], each, chunk }),
  }
}
