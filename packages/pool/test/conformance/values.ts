import { check, checkContains, checkSame, rejectionOf } from './check.ts'
import type { Case } from './place.ts'
import { echoOf, samples } from './samples.ts'

const FLOOD = 3000

export const values: readonly Case[] = [
  ...Object.entries(samples).map(
    ([codec, { values }]): Case => ({
      name: `gives the same bytes back: ${codec}`,
      run: async (place) => {
        const pool = place.pool
        const results = await Promise.all(values.map((value) => pool.run(echoOf(codec) as 'clone', value)))
        checkSame(results, values)
        for (const [at, result] of results.entries()) {
          check(typeof result !== 'object' || result !== values[at], 'the result is the very input')
        }
      },
    }),
  ),
  {
    name: 'clones values without a codec, of one side or of both',
    run: async (place) => {
      const pool = place.pool
      checkSame(await pool.run('describe', 3), { value: 3, text: '3' })
      checkSame(await pool.run('lengthOf', { text: 'four' }), 4)
      checkSame(await pool.run('nothing'), undefined)
      const rich = { big: 7n, bytes: Uint8Array.of(1, 2), deep: [{ a: -0 }, null, undefined, 'ü'] }
      checkSame(await pool.run('clone', rich), rich)
      const map = await pool.run('clone', new Map([['at', new Date(7)]]))
      check(map instanceof Map, 'the map came otherwise')
      checkSame(Number(map.get('at')), 7)
    },
  },
  {
    name: 'gives back what a task throws',
    run: async (place) => {
      const pool = place.pool
      const { name, message } = await rejectionOf(() => pool.run('fails', 'luck'))
      checkSame([name, message], ['RangeError', 'no luck'])
      checkSame(await pool.run('double', 1), 2)
    },
  },
  {
    name: 'refuses what cannot travel, and its neighbours arrive',
    run: async (place) => {
      const pool = place.pool
      const outcomes = await Promise.allSettled([
        pool.run('clone', 'before'),
        pool.run('clone', () => 'a function'),
        pool.run('clone', 'after'),
        pool.run('double', 'two' as never),
        pool.run('doublePoints', [1] as never),
        pool.run('double', 2),
        pool.run('unclonable'),
        pool.run('missing' as 'double', 1),
        pool.run('double', 3),
      ])
      checkSame(outcomes.map(({ status }) => status[0]).join(''), 'frfrrfrrf')
      const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : undefined))
      checkSame([codes[3], codes[4], codes[7]], ['CODEC_MISMATCH', 'CODEC_MISMATCH', 'TASK_UNKNOWN'])
      checkSame(pool.stats.running, 0)
    },
  },
  {
    name: 'refuses options that make no pool',
    run: async (place) => {
      for (const threads of [-1, 10_000, 1.5]) {
        checkContains((await rejectionOf(() => place.open({ threads }), 'OPTION_INVALID')).message, `${threads}`)
      }
    },
  },
  {
    name: 'gives each of many their own result',
    run: async (place) => {
      const pool = place.pool
      const answered = () => pool.stats.workers.reduce((sum, each) => sum + each.answered, 0)
      const before = answered()
      const inputs = Array.from({ length: FLOOD }, (_, index) => index)
      const results = await Promise.all(inputs.map((value) => pool.run('double', value)))
      checkSame(
        results,
        inputs.map((value) => 2 * value),
      )
      checkSame(answered() - before, FLOOD)
    },
  },
  {
    name: 'gives buffers away',
    needs: 'workers',
    run: async (place) => {
      const pool = place.pool
      const buffer = Uint8Array.of(1, 2, 3).buffer
      checkSame(new Uint8Array((await pool.run('clone', buffer, { transfer: [buffer] })) as ArrayBuffer)[2], 3)
      checkSame(buffer.byteLength, 0)
    },
  },
]
