import { query } from 'bitecs'
import type { querySystem } from '../../../src/adapters/bitecs.ts'

/** Visits whatever matched when the round began, whether it still does or not. */
export const trustingRounds: typeof querySystem = (world, { query: terms, each, chunk = 256, ...system }) => ({
  ...system,
  *run(frame) {
    const entities = [...query(world, [...terms])]
    for (let at = 0; at < entities.length; at++) {
      if (at > 0 && at % chunk === 0) yield
      each(entities[at]!, frame)
    }
  },
  feature: () => query(world, [...terms]).length,
})
