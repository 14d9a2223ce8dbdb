import { describe, expect, it } from 'vitest'
import { endOf, never, nothing, open, settled, watch } from './beside-good.ts'

describe('an async system', () => {
  it('whose promise never settles is given up, and what it does later is not heard', async () => {
    const { controller, failures, add, frames } = open({ maxAsyncFrames: 10 })
    const { promise, resolve } = Promise.withResolvers<string>()
    const { ended } = watch(
      controller.run(
        add(() => promise),
        1,
      ),
    )
    await frames(9)
    expect(ended).toEqual([])
    await frames(2)
    expect(ended).toEqual(['JOB_STALLED'])
    expect(failures.map(({ error }) => String(error))).toEqual([
      'MillraceError: bad: the promise of job 0 did not settle within 10 frames and was given up; ' +
        'let it settle, or raise maxAsyncFrames',
    ])
    resolve('late')
    await frames(2)
    expect(controller.stats).toMatchObject({ jobsFailed: 1, jobsProcessed: 13 })
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('that recurs and never settles has one job under way, and the next when that is given up', async () => {
    const { add, frames } = open({ maxAsyncFrames: 5 })
    let runs = 0
    add(
      () => {
        runs++
        return new Promise(nothing)
      },
      { recurring: true },
    )
    await frames(5)
    expect(runs).toBe(1)
    await frames(5)
    expect(runs).toBe(2)
  })

  it('that is rejected with undefined fails with that', async () => {
    const { controller, failures, add, frames } = open({ maxFailures: 2 })
    const { ended } = watch(
      controller.run(
        add(() => Promise.reject(undefined)),
        1,
      ),
    )
    await frames(4)
    expect(ended).toEqual([undefined])
    expect(failures.map(({ error }) => error)).toEqual([undefined, undefined])
  })

  type Then = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void
  it.each<[string, Then, unknown]>([
    ['calls back at once', (resolve) => resolve(5), 5],
    [
      'settles twice',
      (resolve, reject) => {
        resolve(5)
        resolve(6)
        reject(7)
      },
      5,
    ],
    [
      'throws after it settled',
      (resolve) => {
        resolve(5)
        never('late')
      },
      5,
    ],
    ['throws', () => never('sprung'), 'sprung'],
    [
      'is rejected, then resolved',
      (resolve, reject) => {
        reject('sprung')
        resolve(5)
      },
      'sprung',
    ],
  ])('with a thenable that %s is over once', async (_name, then, end) => {
    const { controller, add, frames } = open({ maxFailures: 2 })
    const { ended } = watch(controller.run(add((() => ({ then })) as never), 1))
    const recurring = add((() => ({ then })) as never, { recurring: true })
    await frames(1)
    controller.unregister(recurring)
    await frames(3)
    expect(ended).toEqual([end])
    const { jobsQueued, jobsProcessed, jobsFailed, jobsCancelled } = controller.stats
    expect(jobsProcessed + jobsFailed + jobsCancelled).toBe(jobsQueued)
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('whose output cannot be looked at fails', async () => {
    const { controller, add, frames } = open({ maxFailures: 1 })
    const sprung = new Proxy({}, { has: () => true, get: () => never(new RangeError('sprung')) })
    await expect(endOf(controller.run(add((() => sprung) as never), 1), frames)).rejects.toThrow('sprung')
  })

  it('that waits for turns for ever ends when its system is taken out, or its controller closed', async () => {
    for (const end of ['unregister', 'close'] as const) {
      const { controller, add, frames } = open()
      let turns = 0
      let told: unknown
      const id = add(
        async (frame) => {
          try {
            for (; turns < 100; turns++) await frame.turn()
          } catch (error) {
            told = error
          }
        },
        { recurring: true },
      )
      await frames(5)
      if (end === 'close') await controller.close()
      else controller.unregister(id)
      await settled()
      expect(turns).toBeLessThan(10)
      expect(told).toMatchObject({
        code: 'SYSTEM_UNREGISTERED',
        message: 'bad was unregistered, and its jobs are cancelled; register it again',
      })
    }
  })
})

describe('a job that aborts its own signal', () => {
  const reason = new RangeError('enough')
  /** Runs a job that aborts while it runs, and returns what its caller had. */
  async function aborting(run: (abort: () => void) => unknown, count = 5): Promise<unknown> {
    const { controller, add, frames } = open()
    const source = new AbortController()
    const id = add((() => run(() => source.abort(reason))) as never)
    const { ended } = watch(controller.run(id, 1, { signal: source.signal }))
    await frames(count)
    expect(ended).toHaveLength(1)
    expect(controller.totalQueuedJobs).toBe(0)
    return ended[0]
  }

  it('is over, if that was its last step', async () => {
    expect(
      await aborting((abort) => {
        abort()
        return 'done'
      }),
    ).toBe('done')
  })

  it('is cancelled when its step ends', async () => {
    let steps = 0
    const ended = await aborting(function* (abort) {
      for (; steps < 100; steps++) {
        if (steps === 2) abort()
        yield
      }
    })
    expect(ended).toBe(reason)
    expect(steps).toBe(2)
    expect(
      await aborting(async (abort) => {
        abort()
        await new Promise(nothing)
      }),
    ).toBe(reason)
  })

  it('is not tried again when it throws', async () => {
    let runs = 0
    const ended = await aborting((abort) => {
      runs++
      abort()
      never('sprung')
    })
    expect(ended).toBe('sprung')
    expect(runs).toBe(1)
  })
})
