import { check, checkSame, rejectionOf } from './check.ts'
import type { Case } from './place.ts'

const MANY = 2000
const inputs = Array.from({ length: MANY }, (_, index) => index)
const doubled = inputs.map((value) => 2 * value)

export const streams: readonly Case[] = [
  {
    name: 'maps in order, and out of order',
    run: async (place) => {
      const pool = place.pool
      checkSame(await Array.fromAsync(pool.map('double', inputs)), doubled)
      const loose = await Array.fromAsync(pool.map('double', inputs, { ordered: false, maxItems: 10 }))
      checkSame(
        loose.sort((one, other) => one - other),
        doubled,
      )
    },
  },
  {
    name: 'takes no more from a source when nobody listens, or when a task fails',
    run: async (place) => {
      const pool = place.pool
      let taken = 0
      let isOver = false
      function* endless() {
        try {
          for (;;) yield taken++
        } finally {
          isOver = true
        }
      }
      for await (const result of pool.map('double', endless(), { maxItems: 32 })) if (result === 200) break
      check(taken < 200 && isOver, `${taken} were taken`)
      checkSame((await rejectionOf(() => Array.fromAsync(pool.map('fails', ['x'])))).message, 'no x')
      await pool.drain()
    },
  },
  {
    name: 'streams with a bound, in chunks',
    run: async (place) => {
      const stream = place.pool.stream('double', { maxItems: 100 })
      let pushed = 0
      while (stream.push(pushed)) pushed++
      checkSame(pushed, 100)
      const results: number[] = []
      let chunks = 0
      for await (const chunk of stream.results) {
        chunks++
        results.push(...chunk)
        if (pushed < MANY) while (pushed < MANY && stream.push(pushed)) pushed++
        else stream.close()
      }
      checkSame(
        results.sort((one, other) => one - other),
        doubled,
      )
      check(chunks < MANY, 'every result came by itself')
    },
  },
  {
    name: 'streams past tasks that fail, in order',
    run: async (place) => {
      const failed: number[] = []
      const stream = place.pool.stream('clone', { ordered: true, onError: (_, index) => failed.push(index) })
      for (let index = 0; index < 10; index++) stream.push(index % 3 === 0 ? () => 0 : index)
      stream.close()
      checkSame((await Array.fromAsync(stream.results)).flat(), [1, 2, 4, 5, 7, 8])
      checkSame(failed.sort(), [0, 3, 6, 9])
    },
  },
]
