import { describe, expect, it, vi } from 'vitest'
import { createSharedWindow } from '../../src/queue/shared-window.ts'
import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import { CALL } from '../../src/queue/shared-window-layout.ts'
import { SharedWindowProducer } from '../../src/queue/shared-window-producer.ts'
import { SharedWindowSleepers } from '../../src/queue/shared-window-sleepers.ts'
import { DrowsySleepers } from '../mutants/drowsy-sleepers.ts'
import { ForgetfulSleepers } from '../mutants/forgetful-sleepers.ts'
import { messageOf } from '../property.ts'
import { explore } from './interleavings.ts'

const LEFT = CALL + 1

/** `sleepers` threads take one item each, which another thread puts there one by one, waking one for each. */
function takes(sleepers: number, Sleepers: typeof SharedWindowSleepers) {
  const buffer = new SharedArrayBuffer(4 * (LEFT + 1))
  const taker = () => {
    const words = new Int32Array(buffer)
    const own = new Sleepers(words)
    for (;;) {
      const left = Atomics.load(words, LEFT)
      if (left === 0) own.sleep(() => Atomics.load(words, LEFT) > 0, Number.POSITIVE_INFINITY)
      else if (Atomics.compareExchange(words, LEFT, left, left - 1) === left) return
    }
  }
  const giver = () => {
    const words = new Int32Array(buffer)
    const own = new Sleepers(words)
    for (let item = 0; item < sleepers; item++) {
      Atomics.add(words, LEFT, 1)
      own.wake(1)
    }
  }
  return explore({ words: LEFT + 1, programs: [giver, ...Array.from({ length: sleepers }, () => taker)] }).violation
}

describe('the sleepers of a shared window', () => {
  it.each([1, 2])('are woken when there is something for them, %i of them, in every interleaving', (sleepers) => {
    expect(takes(sleepers, SharedWindowSleepers)).toBeUndefined()
    expect(takes(sleepers, DrowsySleepers)).toBe('a thread sleeps for ever')
  })

  it('are caught being forgotten', () => {
    expect(takes(2, ForgetfulSleepers)).toBe('a thread sleeps for ever')
  })

  it('are as many as there are tasks, those longest asleep first', async () => {
    const buffer = createSharedWindow({ slots: 8, slotBytes: 8 })
    const producer = new SharedWindowProducer(buffer)
    const woken: number[] = []
    const commit = () => producer.commit(producer.reserve(), 0)
    const waits = [0, 1, 2, 3].map(async (number) => {
      const claimer = new SharedWindowClaimer(buffer, number, { looks: 0 })
      expect(await claimer.waitAsync()).toBe(true)
      woken.push(number)
      return claimer.claim()
    })
    commit()
    producer.publish()
    await waits[0]
    expect(woken).toEqual([0])
    commit()
    commit()
    producer.publish()
    await Promise.all([waits[1], waits[2]])
    expect(woken).toEqual([0, 1, 2])
    commit()
    producer.publish()
    expect(new Set(await Promise.all(waits)).size).toBe(4)
    expect(producer.waiting).toBe(0)
  })

  it('wait as long as they are told, and no longer than they must', async () => {
    const buffer = createSharedWindow({ slots: 2, slotBytes: 8 })
    const producer = new SharedWindowProducer(buffer)
    const claimer = new SharedWindowClaimer(buffer, 0)
    expect(claimer.wait(1)).toBe(false)
    expect(await claimer.waitAsync(1)).toBe(false)
    const waiting = claimer.waitAsync()
    producer.commit(producer.reserve(), 0)
    producer.publish()
    expect(await waiting).toBe(true)
    expect(claimer.wait()).toBe(true)
    expect(await claimer.waitAsync()).toBe(true)
    const patient = new SharedWindowClaimer(buffer, 1, { looks: 0 })
    expect(patient.wait()).toBe(true)
    expect(await patient.waitAsync()).toBe(true)
  })

  it('are woken once more when the one that was woken has died', async () => {
    const buffer = createSharedWindow({ slots: 2, slotBytes: 8 })
    const producer = new SharedWindowProducer(buffer)
    const [dies, lives] = [0, 1].map((number) => new SharedWindowClaimer(buffer, number, { looks: 0 }))
    const first = dies!.waitAsync()
    const second = lives!.waitAsync()
    producer.commit(producer.reserve(), 0)
    producer.publish()
    expect(await first).toBe(true)
    producer.wake()
    expect(await second).toBe(true)
  })

  it('say where they cannot wait', async () => {
    const claimer = new SharedWindowClaimer(createSharedWindow({ slots: 1, slotBytes: 8 }), 0)
    const { load, or } = Atomics
    const refuse = () => {
      throw new TypeError('Atomics.wait cannot be called in this context')
    }
    vi.stubGlobal('Atomics', { load, or, wait: refuse })
    try {
      await messageOf('WAIT_UNSUPPORTED', () => claimer.wait())
      await messageOf('WAIT_UNSUPPORTED', () => claimer.waitAsync())
    } finally {
      vi.unstubAllGlobals()
    }
    expect(await messageOf('OPTION_INVALID', () => claimer.wait(-1))).toBe(
      'SharedWindowClaimer: timeoutMs must be a number of at least 0, not -1',
    )
    await messageOf('OPTION_INVALID', () => claimer.waitAsync(Number.NaN))
  })
})
