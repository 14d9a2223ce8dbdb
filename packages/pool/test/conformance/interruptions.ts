import type { RunOptions } from '../../src/index.ts'
import { check, checkContains, checkSame, rejectionOf } from './check.ts'
import type { Case } from './place.ts'

/** Options of a call, and a promise for when its task tells that it runs. */
function watched(options: RunOptions): { readonly options: RunOptions; readonly begun: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { options: { ...options, onProgress: () => resolve() }, begun: promise }
}

export const interruptions: readonly Case[] = [
  {
    name: 'cancels what waits, and what runs without ending its worker',
    run: async (place) => {
      const pool = place.lone
      await pool.run('nothing')
      const { made } = place
      const [running, waiting] = [new AbortController(), new AbortController()]
      const { cancelled } = pool.stats
      const { options, begun } = watched({ signal: running.signal })
      const first = rejectionOf(() => pool.run('untilCancelled', undefined, options))
      await begun
      const others = [1, 2, 3].map((value) => pool.run('double', value, { signal: waiting.signal }))
      waiting.abort('not wanted')
      running.abort(new TypeError('enough'))
      checkSame((await first).message, 'enough')
      for (const outcome of await Promise.allSettled(others))
        checkSame(outcome, { status: 'rejected', reason: 'not wanted' })
      checkSame(await pool.run('double', 4), 8)
      checkSame(place.made - made, 0, 'workers made')
      checkSame(pool.stats.cancelled - cancelled, 4)
    },
  },
  {
    name: 'does not begin what was cancelled before',
    run: async (place) => {
      const pool = place.pool
      const outcome = await Promise.allSettled([pool.run('double', 1, { signal: AbortSignal.abort('before') })])
      checkSame(outcome, [{ status: 'rejected', reason: 'before' }])
    },
  },
  {
    name: 'cancels a task that never looks up',
    needs: 'shared memory',
    run: async (place) => {
      const pool = place.lone
      await pool.run('double', 1)
      const { made } = place
      const abort = new AbortController()
      const { options, begun } = watched({ signal: abort.signal })
      const busy = rejectionOf(() => pool.run('busyUntilCancelled', 1, options))
      await begun
      abort.abort(new TypeError('enough'))
      checkSame((await busy).message, 'enough')
      checkSame(await pool.run('double', 4), 8)
      checkSame(place.made - made, 0, 'workers made')
    },
  },
  {
    name: 'ends a call at its deadline, and keeps the worker of a task that listens',
    run: async (place) => {
      const pool = place.lone
      await pool.run('nothing')
      const { made } = place
      const run = () => pool.run('untilCancelled', undefined, { deadlineMs: 30 })
      checkContains((await rejectionOf(run, 'DEADLINE_EXCEEDED')).message, '30 ms')
      checkSame(await pool.run('double', 4), 8)
      checkSame(place.made - made, 0, 'workers made')
    },
  },
  {
    name: 'replaces the worker of a task that does not end after its deadline',
    needs: 'workers',
    run: async (place) => {
      const pool = place.open({ threads: 1, graceMs: 20 })
      await pool.run('double', 1)
      const { made } = place
      const stuck = rejectionOf(() => pool.run('forEver', 1, { deadlineMs: 30 }), 'DEADLINE_EXCEEDED')
      const behind = pool.run('double', 4)
      await stuck
      checkSame(await behind, 8)
      checkSame(place.made - made, 1, 'workers made')
    },
  },
  {
    name: 'tells of progress',
    run: async (place) => {
      const pool = place.pool
      const told: number[] = []
      checkSame(await pool.run('progress', 4, { onProgress: (fraction) => told.push(fraction) }), 4)
      check(told.length > 0, 'nothing was told')
      checkSame(
        told,
        told.toSorted((one, other) => one - other),
      )
    },
  },
]
