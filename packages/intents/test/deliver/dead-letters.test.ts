import { describe, expect, it } from 'vitest'
import type { DeadLetter, DeadLetters } from '../../src/deliver/dead-letters.ts'
import { Rig } from '../scheduler/rig.ts'
import { settled } from '../scheduler/step-clock.ts'

class Shelf implements DeadLetters {
  letters: DeadLetter[] = []
  adds = 0
  isBroken = false
  #ids = 0

  async add(letters: readonly Omit<DeadLetter, 'id'>[]): Promise<void> {
    this.adds++
    if (this.isBroken) throw new Error('the shelf is broken')
    this.letters.push(...letters.map((letter) => ({ ...letter, id: `${++this.#ids}` })))
  }

  async list(limit: number): Promise<readonly DeadLetter[]> {
    return this.letters.slice(0, limit)
  }

  async remove(ids: readonly string[]): Promise<void> {
    this.letters = this.letters.filter(({ id }) => !ids.includes(id))
  }
}

const intent = (id: number, more: object = {}) => ({ type: 'plain', payload: { ids: [id], ...more } })

async function rigWith(options: ConstructorParameters<typeof Rig>[0] = {}) {
  const deadLetters = new Shelf()
  const rig = await new Rig({ deadLetters, adaptiveBatching: false, retry: { attempts: 2 }, ...options }).start()
  return { rig, deadLetters }
}

describe('dead letters', () => {
  it('are what the database refused, was not reached for, or did not answer; together if they failed together', async () => {
    const { rig, deadLetters } = await rigWith({
      script: ({ count }) => (count < 3 ? 'transient' : count === 3 ? 'lose' : 'commit'),
    })
    rig.submitMany(3)
    await rig.clock.advance(1000)
    rig.submit()
    await rig.clock.advance(1000)
    rig.submitMany(2, (index) => ({ isPoison: index === 0, isRefused: index === 1 }))
    await rig.clock.advance(1000)
    const codes = ['WRITE_FAILED', 'WRITE_FAILED', 'WRITE_FAILED', 'OUTCOME_UNKNOWN', 'INTENT_REJECTED']
    expect(deadLetters.letters.map(({ code }) => code)).toEqual(codes)
    expect(deadLetters.adds).toBe(3)
    expect(deadLetters.letters[0]).toEqual({
      id: '1',
      intent: intent(1),
      code: 'WRITE_FAILED',
      reason: 'plain: not written, tried 2 times: the script says transient',
      attempts: 2,
      failedAt: expect.closeTo(1_700_000_000_000, -4),
    })
    expect(rig.scheduler.metrics.deadLettered).toBe(5)
  })

  it('are not what its caller did wrong, withdrew, or did not wait for any longer', async () => {
    const { rig, deadLetters } = await rigWith({ maxWaitMs: 5, timeWindowMs: 100 })
    const abort = new AbortController()
    rig.submit({ isRefused: true })
    rig.submit({ type: 'no' })
    rig.submit({}, abort.signal)
    abort.abort('withdrawn')
    await rig.clock.advance(1000)
    await rig.clock.until(rig.scheduler.stop())
    expect(deadLetters.letters).toEqual([])
  })

  it('are all that fails of what nobody waits for, if it could be submitted again', async () => {
    const { rig, deadLetters } = await rigWith({
      script: () => 'transient',
      retry: { attempts: 9 },
      circuitBreaker: { failureThreshold: 1 },
      whenOpen: 'fail',
    })
    rig.scheduler.enqueue(intent(1))
    rig.submit()
    await rig.clock.advance(100)
    expect(deadLetters.letters.map(({ code, intent: kept }) => [code, kept])).toEqual([['CIRCUIT_OPEN', intent(1)]])
    expect(rig.tally).toEqual({ CIRCUIT_OPEN: 1 })

    const waiting = await rigWith({ script: () => 'hang', maxBatchSize: 1, maxConcurrentBatches: 1 })
    for (const id of [1, 2]) waiting.rig.scheduler.enqueue(intent(id))
    await settled()
    await waiting.rig.clock.until(waiting.rig.scheduler.stop({ withinMs: 0 }))
    expect(waiting.deadLetters.letters.map(({ code }) => code).toSorted()).toEqual([
      'OUTCOME_UNKNOWN',
      'SCHEDULER_STOPPED',
    ])
  })

  it('are kept before stop() is over', async () => {
    const { rig, deadLetters } = await rigWith()
    rig.submit({ isPoison: true })
    await rig.clock.until(rig.scheduler.stop())
    expect(deadLetters.letters.length).toBe(1)
  })

  it('are in the log when they cannot be kept, and the caller hears all the same', async () => {
    const lines: unknown[] = []
    const logger = {
      info: () => {},
      warn: () => {},
      error: (fields: object, message: string) => lines.push({ ...fields, message }),
    }
    const { rig, deadLetters } = await rigWith({ logger })
    deadLetters.isBroken = true
    const id = rig.submit({ isPoison: true })
    await rig.clock.advance(100)
    expect(rig.how(id)).toBe('INTENT_REJECTED')
    expect(lines).toMatchObject([
      { letters: [{ intent: intent(1) }], message: expect.stringContaining('could not be kept') },
    ])
    expect(rig.scheduler.metrics.deadLettered).toBe(0)
  })
})

describe('redrive', () => {
  it('submits again, oldest first, and removes what is committed', async () => {
    const { rig, deadLetters } = await rigWith({ script: ({ count }) => (count < 3 ? 'transient' : 'commit') })
    rig.submitMany(4, (index) => ({ isPoison: index === 2 }))
    await rig.clock.advance(1000)
    expect(deadLetters.letters.length).toBe(4)
    expect(await rig.clock.until(rig.scheduler.redrive(3))).toEqual({ committed: 2, failed: 1 })
    expect(rig.sink.ids).toEqual([1, 2])
    // What failed again is behind what was not tried.
    expect(deadLetters.letters.map(({ code, intent: { payload } }) => [code, payload])).toEqual([
      ['WRITE_FAILED', { ids: [4] }],
      ['INTENT_REJECTED', { ids: [3], isPoison: true }],
    ])
  })

  it('keeps what was refused before it could be tried', async () => {
    const { rig, deadLetters } = await rigWith({ maxItems: 2 })
    for (let round = 0; round < 2; round++) {
      rig.submitMany(2, () => ({ isPoison: true }))
      await rig.clock.advance(100)
    }
    deadLetters.letters = deadLetters.letters.map((letter) => ({ ...letter, intent: intent(7) }))
    expect(await rig.clock.until(rig.scheduler.redrive())).toEqual({ committed: 2, failed: 2 })
    expect(deadLetters.letters.length).toBe(2)
  })

  it('removes no letter of which there is no other, when that could not be kept', async () => {
    const { rig, deadLetters } = await rigWith()
    rig.submit({ isPoison: true })
    await rig.clock.advance(100)
    deadLetters.isBroken = true
    expect(await rig.clock.until(rig.scheduler.redrive())).toEqual({ committed: 0, failed: 1 })
    expect(deadLetters.letters.length).toBe(1)
  })

  it('needs dead letters, and a limit', async () => {
    await expect(new Rig().scheduler.redrive()).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const { rig } = await rigWith()
    await expect(rig.scheduler.redrive(0)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})
