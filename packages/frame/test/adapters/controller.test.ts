import { VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { BatchController } from '../../src/index.ts'
import { libraries } from './libraries.ts'

const ENTITY_MS = 0.01
const BUDGET_MS = 0.5

describe.each(libraries)('a system of a query of $name under a budget', ({ createWorld }) => {
  it('visits every entity once a round, in as many frames as that takes, and those that came in the next', () => {
    const clock = new VirtualClock()
    const controller = new BatchController({ clock, clockTickMs: 0, budgetMs: BUDGET_MS })
    const world = createWorld()
    const visits = new Map<number, number>()
    controller.register(
      world.system((entity) => {
        visits.set(entity, (visits.get(entity) ?? 0) + 1)
        clock.advance(ENTITY_MS)
      }, 8),
    )
    const runFrames = (count: number) => {
      for (let frame = 0; frame < count; frame++) {
        clock.advance(16 - (clock.now() % 16))
        // One step at most is too much.
        expect(controller.runFrame().usedMs).toBeLessThan(BUDGET_MS + 8 * ENTITY_MS + 0.001)
      }
    }
    const old = Array.from({ length: 1000 }, () => world.spawn(true, false))
    runFrames(10)
    const young = Array.from({ length: 100 }, () => world.spawn(true, false))
    // Last, or bitECS would give its number away again.
    const dead = old.pop()!
    world.destroy(dead)
    const visited = visits.get(dead)
    // 1000 entities in steps of 8, at about 6 steps a frame.
    while (visits.size < 1100 - (visited === undefined ? 1 : 0)) runFrames(1)
    expect(controller.stats.frames).toBeLessThan(80)
    runFrames(100)
    for (const entity of old) expect(Math.abs(visits.get(entity)! - visits.get(old[0]!)!)).toBeLessThanOrEqual(1)
    for (const entity of young) expect(Math.abs(visits.get(entity)! - visits.get(old[0]!)! + 1)).toBeLessThanOrEqual(1)
    expect(visits.get(dead)).toBe(visited)
  })
})
