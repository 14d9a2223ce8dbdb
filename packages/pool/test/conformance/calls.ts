import type { TaskSink } from '../../src/index.ts'
import { check, checkSame } from './check.ts'
import type { Case } from './place.ts'

/** A sink, all it heard, and a promise for the first of it. */
function listener() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const heard: unknown[] = []
  const hear = (what: unknown) => {
    heard.push(what)
    resolve()
  }
  const sink: TaskSink<unknown> = {
    done: hear,
    failed: (error) => hear(error instanceof Error ? error.message : error),
  }
  return { sink, heard, first: promise }
}

export const calls: readonly Case[] = [
  {
    name: 'calls back, with the output or the error',
    run: async (place) => {
      const pool = place.pool
      const [double, clone, fails] = [listener(), listener(), listener()]
      pool.call('double', 4, double.sink)
      pool.call('clone', 'as it is', clone.sink, { priority: 0 })
      pool.call('fails', 'luck', fails.sink)
      await Promise.all([double.first, clone.first, fails.first])
      await pool.drain()
      checkSame([double.heard, clone.heard, fails.heard], [[8], ['as it is'], ['no luck']])
    },
  },
  {
    name: 'cancels a call at once, and tells of it once',
    run: async (place) => {
      const pool = place.lone
      await pool.run('nothing')
      const { cancelled } = pool.stats
      const running = listener()
      const begun = Promise.withResolvers<void>()
      const call = pool.call('untilCancelled', undefined, running.sink, { onProgress: () => begun.resolve() })
      await begun.promise
      const waiting = listener()
      const behind = pool.call('double', 1, waiting.sink)
      behind.cancel('not wanted')
      call.cancel('enough')
      checkSame([running.heard, waiting.heard], [['enough'], ['not wanted']], 'what the sinks had heard')
      call.cancel('again')
      behind.cancel('again')
      checkSame(await pool.run('double', 4), 8)
      await pool.drain()
      checkSame([running.heard, waiting.heard], [['enough'], ['not wanted']])
      checkSame(pool.stats.cancelled - cancelled, 2)
    },
  },
  {
    name: 'may be called by a sink, also to cancel others',
    run: async (place) => {
      const pool = place.pool
      const others = Array.from({ length: 200 }, listener)
      const next = listener()
      const cancelAll = () => {
        pool.call('double', 5, next.sink)
        pool.poll()
        for (const handle of handles) handle.cancel('not wanted')
      }
      const first = pool.call('double', 1, { done: cancelAll, failed: () => {} })
      const handles = others.map(({ sink }, index) => pool.call('double', index, sink))
      await Promise.all([next.first, ...others.map((other) => other.first)])
      await pool.drain()
      first.cancel('over')
      checkSame(next.heard, [10])
      for (const [index, { heard }] of others.entries()) {
        check(heard.length === 1 && (heard[0] === 2 * index || heard[0] === 'not wanted'), `it heard ${heard.join()}`)
      }
    },
  },
]
