import { checkContains, checkSame, rejectionOf } from './check.ts'
import type { Case } from './place.ts'

export const deaths: readonly Case[] = [
  {
    name: 'rejects the task in which a worker ends, says how, and runs the others',
    needs: 'workers',
    run: async (place) => {
      const pool = place.open()
      const before = Array.from({ length: 100 }, (_, index) => pool.run('double', index))
      const culprit = rejectionOf(() => pool.run('dies', 1), 'WORKER_DIED')
      const after = Array.from({ length: 100 }, (_, index) => pool.run('double', index))
      checkContains((await culprit).message, 'out of the blue')
      const expected = Array.from({ length: 100 }, (_, index) => 2 * index)
      checkSame(await Promise.all(before), expected)
      checkSame(await Promise.all(after), expected)
    },
  },
  {
    name: 'rejects each of many culprits, and lives on',
    needs: 'workers',
    run: async (place) => {
      const pool = place.open()
      const runs = Array.from({ length: 9 }, (_, index) => pool.run(index % 4 === 0 ? 'dies' : 'double', index))
      checkSame((await Promise.allSettled(runs)).map(({ status }) => status[0]).join(''), 'rfffrfffr')
      checkSame(await pool.run('double', 1), 2)
    },
  },
  {
    name: 'runs a retryable task again, until it is taken for the cause',
    needs: 'workers',
    run: async (place) => {
      const pool = place.open({ maxDeaths: 3 })
      const { detail } = await rejectionOf(() => pool.run('diesAgain', undefined), 'WORKER_DIED')
      checkSame([detail?.deaths, detail?.started], [3, true])
    },
  },
  {
    name: 'loses no task to a worker that ends between tasks',
    needs: 'workers',
    run: async (place) => {
      // The end may fall into any task that follows: it is the cause of none.
      const pool = place.open({ threads: 1, maxDeaths: 100 })
      for (let round = 0; round < 3; round++) {
        checkSame(await pool.run('diesBehind', 2), 4)
        const runs = Array.from({ length: 20 }, (_, index) => pool.run('doubleAgain', index))
        for (const outcome of await Promise.allSettled(runs)) checkSame(outcome.status, 'fulfilled')
      }
    },
  },
  {
    name: 'says that workers do not load',
    needs: 'workers',
    run: async (place) => {
      const pool = place.open({ worker: place.missing })
      await rejectionOf(() => pool.run('double', 1), 'WORKER_START_FAILED')
      await rejectionOf(() => pool.run('double', 1), 'WORKER_START_FAILED')
    },
  },
]
