import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { checkContains, checkSame, rejectionOf } from './check.ts'
import type { Case } from './place.ts'

export const endings: readonly Case[] = [
  {
    name: 'drains: all is settled',
    run: async (place) => {
      const { pool } = place
      await pool.drain()
      let settled = 0
      for (let index = 0; index < 50; index++) void pool.run('double', index).then(() => settled++)
      await pool.drain()
      // What was settled is heard of in the next turn.
      await Promise.resolve()
      checkSame([settled, pool.stats.queued, pool.stats.running], [50, 0, 0])
    },
  },
  {
    name: 'takes nothing after close, and finishes what it took',
    run: async (place) => {
      const pool = place.open()
      const taken = Array.from({ length: 50 }, (_, index) => pool.run('double', index))
      const closed = pool.close()
      checkContains((await rejectionOf(() => pool.run('double', 1), 'POOL_CLOSED')).message, 'closed')
      await rejectionOf(() => pool.stream('double'), 'POOL_CLOSED')
      checkSame((await Promise.all(taken)).length, 50)
      await closed
      await pool.close()
    },
  },
  {
    name: 'closes as soon as its workers have left',
    needs: 'workers',
    run: async (place) => {
      // On this clock no time passes that could end the wait for them.
      const pool = place.open({ threads: 1, clock: new VirtualClock() })
      await Promise.all([pool.run('double', 1), pool.run('nothing')])
      await pool.close()
    },
  },
  {
    name: 'closes in bounded time, whatever runs',
    needs: 'shared memory',
    run: async (place) => {
      const pool = place.open({ threads: 1 })
      await pool.run('double', 1)
      const stuck = rejectionOf(() => pool.run('forEver', 1), 'POOL_CLOSED')
      await pool.close({ withinMs: 20 })
      await stuck
    },
  },
]
