import { check, checkSame } from './check.ts'
import type { Case } from './place.ts'

export const order: readonly Case[] = [
  {
    name: 'begins tasks of a priority in their order, the urgent first',
    run: async (place) => {
      const pool = place.lone
      const priorities = Array.from({ length: 600 }, (_, index) => (index * 7) % 3)
      const turns = await Promise.all(priorities.map((priority) => pool.run('turnOf', 0, { priority })))
      const inOrder = [...priorities.entries()].sort(([, one], [, other]) => one - other).map(([index]) => index)
      const first = Math.min(...turns)
      checkSame(
        inOrder.map((index) => turns[index]! - first),
        inOrder.map((_, turn) => turn),
      )
    },
  },
  {
    name: 'lets an urgent task pass those that wait',
    run: async (place) => {
      const pool = place.lone
      // By these it learns how few it needs to hand over ahead.
      for (let known = 0; known < 20; known++) await pool.run('burn', 1)
      let ended = 0
      const slow = Array.from({ length: 300 }, () => pool.run('burn', 1, { priority: 2 }).then(() => ended++))
      await slow[0]
      await pool.run('burn', 0, { priority: 0 })
      check(ended < 300, 'it came after all of them')
      await Promise.all(slow)
    },
  },
]
