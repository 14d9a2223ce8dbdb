import { hasComponent, query } from 'bitecs'
import type { querySystem } from '../../../src/adapters/bitecs.ts'

/** Walks the library's own list across steps, although it changes. */
export const liveRounds: typeof querySystem = (world, { query: terms, each, chunk = 256, ...system }) => ({
  ...system,
  *run(frame) {
    const [a] = terms
    const entities = query(world, [...terms])
    for (let at = 0; at < entities.length; at++) {
      if (at > 0 && at % chunk === 0) yield
      const entity = entities[at]
      if (entity !== undefined && hasComponent(world, entity, a)) each(entity, frame)
    }
  },
  feature: () => query(world, [...terms]).length,
})
