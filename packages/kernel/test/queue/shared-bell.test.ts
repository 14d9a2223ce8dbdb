import { describe, expect, it, vi } from 'vitest'
import { SharedBell } from '../../src/queue/shared-bell.ts'
import { createSharedRing } from '../../src/queue/shared-ring.ts'
import { SharedRingConsumer } from '../../src/queue/shared-ring-consumer.ts'
import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'
import { BlindBell } from '../mutants/blind-bell.ts'
import { messageOf } from '../property.ts'
import { explore } from './interleavings.ts'

const never = () => false

/** One thread waits, with one bell, until each of `ringers` threads has set its flag. */
function gathers(ringers: number, Bell: typeof SharedBell) {
  const buffer = new SharedArrayBuffer(4 * (1 + ringers))
  const flags = Array.from({ length: ringers }, (_, flag) => flag)
  const waiter = () => {
    const bell = new Bell(buffer)
    const words = new Int32Array(buffer)
    for (const flag of flags) while (!bell.wait(() => Atomics.load(words, 1 + flag) === 1)) {}
  }
  const ringer = (flag: number) => () => {
    Atomics.store(new Int32Array(buffer), 1 + flag, 1)
    new SharedBell(buffer).ring()
  }
  return explore({ words: 1 + ringers, programs: [waiter, ...flags.map(ringer)] }).violation
}

describe('SharedBell', () => {
  it.each([1, 2])('wakes its thread for %i others, in every interleaving', (ringers) => {
    expect(gathers(ringers, SharedBell)).toBeUndefined()
    expect(gathers(ringers, BlindBell)).toBe('a thread sleeps for ever')
  })

  it('waits as long as it is told, and no longer than it must', async () => {
    const bell = new SharedBell(new SharedArrayBuffer(8), 4)
    expect(bell.wait(never, 1)).toBe(false)
    expect(bell.wait(() => true)).toBe(true)
    expect(await bell.waitAsync(never, 1)).toBe(false)
    expect(await bell.waitAsync(() => true)).toBe(true)
    let looks = 0
    expect(bell.wait(() => ++looks === 2)).toBe(true)
    looks = 0
    expect(await bell.waitAsync(() => ++looks === 2)).toBe(true)
  })

  it('is rung by whoever knows its memory, also for nothing', async () => {
    const bell = new SharedBell(new SharedArrayBuffer(4))
    const other = new SharedBell(bell.buffer, bell.byteOffset)
    other.ring()
    let ready = false
    const first = bell.waitAsync(() => ready)
    other.ring()
    expect(await first).toBe(false)
    const second = bell.waitAsync(() => ready)
    ready = true
    other.ring()
    expect(await second).toBe(true)
  })

  it('wakes a producer that waits for room and a consumer that waits for records', async () => {
    const buffer = createSharedRing({ capacityBytes: 64 })
    const [producer, consumer] = [new SharedRingProducer(buffer), new SharedRingConsumer(buffer)]
    const record = consumer.waitAsync()
    for (let count = 0; count < 2; count++) {
      producer.reserve(24)
      producer.commit(24)
    }
    producer.publish()
    expect(await record).toBe(true)
    expect(consumer.wait()).toBe(true)
    const room = producer.waitAsync(24)
    consumer.next()
    consumer.release()
    expect(await room).toBe(true)
    expect(producer.wait(24)).toBe(true)
  })

  it('is waited on once at a time, and forgets a wait that failed', async () => {
    const bell = new SharedBell(new SharedArrayBuffer(4))
    const waiting = bell.waitAsync(never)
    expect(await messageOf('BELL_BUSY', () => bell.wait(never))).toMatch('a wait is under way')
    await messageOf('BELL_BUSY', () => bell.waitAsync(never))
    bell.ring()
    expect(await waiting).toBe(false)
    let looks = 0
    const breaks = () => {
      if (++looks % 2 === 0) throw new Error('broken')
      return false
    }
    expect(() => bell.wait(breaks)).toThrow('broken')
    await expect(bell.waitAsync(breaks)).rejects.toThrow('broken')
    expect(bell.wait(never, 0)).toBe(false)
  })

  it('says where it cannot wait', async () => {
    const bell = new SharedBell(new SharedArrayBuffer(4))
    const { load, store } = Atomics
    const refuse = () => {
      throw new TypeError('Atomics.wait cannot be called in this context')
    }
    vi.stubGlobal('Atomics', { load, store, wait: refuse })
    try {
      expect(SharedBell.canWaitAsync).toBe(false)
      await messageOf('WAIT_UNSUPPORTED', () => bell.wait(never))
      await messageOf('WAIT_UNSUPPORTED', () => bell.waitAsync(never))
    } finally {
      vi.unstubAllGlobals()
    }
    expect(SharedBell.canWaitAsync).toBe(true)
  })

  it('refuses options out of bounds', async () => {
    const buffer = new SharedArrayBuffer(8)
    await messageOf('OPTION_INVALID', () => new SharedBell(buffer, 8))
    await messageOf('OPTION_INVALID', () => new SharedBell(buffer, 2))
    const bell = new SharedBell(buffer)
    expect(await messageOf('OPTION_INVALID', () => bell.wait(never, -1))).toBe(
      'SharedBell: timeoutMs must be a number of at least 0, not -1',
    )
    await messageOf('OPTION_INVALID', () => bell.waitAsync(never, Number.NaN))
  })
})
