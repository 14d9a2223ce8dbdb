import type { Place, TestPool } from '../place.ts'

/** What a pool does otherwise. */
type Alter = (pool: TestPool) => Partial<Pick<TestPool, 'run' | 'stream'>>

/** The place, whose opened pools do some things otherwise. */
export function altered(place: Place, alter: Alter): Place {
  return {
    mode: place.mode,
    missing: place.missing,
    made: 0,
    pool: place.pool,
    lone: place.lone,
    open: (options) => {
      const pool = place.open(options)
      const changes = alter(pool)
      return new Proxy(pool, {
        get: (_, key: keyof TestPool) => {
          if (key === 'run' || key === 'stream') return changes[key] ?? pool[key].bind(pool)
          const own = pool[key]
          return typeof own === 'function' ? own.bind(pool) : own
        },
      })
    },
  }
}

/** Gives a call the result of the one before it now and then. */
export const mixing: Alter = (pool) => {
  const results: Promise<unknown>[] = []
  const run = (...args: Parameters<TestPool['run']>): Promise<unknown> => {
    const result = pool.run(...args)
    result.catch(() => {})
    results.push(result)
    return results.length % 50 === 0 ? results.at(-2)! : result
  }
  return { run: run as TestPool['run'] }
}

/** Gives the first chunk of a stream twice. */
export const repeating: Alter = (pool) => {
  const stream = (...args: Parameters<TestPool['stream']>) => {
    const opened = pool.stream(...args)
    const { results } = opened
    async function* repeated() {
      let isFirst = true
      for await (const chunk of results) {
        if (isFirst) yield chunk
        isFirst = false
        yield chunk
      }
    }
    return new Proxy(opened, {
      get: (_, key: keyof typeof opened) => {
        if (key === 'results') return repeated()
        const own = opened[key]
        return typeof own === 'function' ? own.bind(opened) : own
      },
    })
  }
  return { stream: stream as TestPool['stream'] }
}
