import { describe, expect, it } from 'vitest'
import { SharedBell } from '../../src/queue/shared-bell.ts'
import { createSharedRing, type SharedRingBells } from '../../src/queue/shared-ring.ts'
import { SharedRingConsumer } from '../../src/queue/shared-ring-consumer.ts'
import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'
import { BlindBell } from '../mutants/blind-bell.ts'
import { HastyConsumer } from '../mutants/hasty-consumer.ts'
import { HastyProducer } from '../mutants/hasty-producer.ts'
import { MuteBell } from '../mutants/mute-bell.ts'
import { type Exploration, explore } from './interleavings.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const CAPACITY = 64
const [TAIL, HEAD] = [0, 32]
const [CONSUMER_BELL, PRODUCER_BELL] = [4, 132]
const buffer = createSharedRing({ capacityBytes: CAPACITY })

interface Setting {
  /** Bytes of each record. */
  readonly sizes: readonly number[]
  /** Records committed before each publishing. */
  readonly batch?: number
  /** Where both counters begin. */
  readonly start?: number
  readonly Producer?: typeof SharedRingProducer
  readonly Consumer?: typeof SharedRingConsumer
  readonly Bell?: typeof SharedBell
}

/** A producer and a consumer that sleep whenever they find nothing, through all their interleavings. */
function exchange({
  sizes,
  batch = 1,
  start = 0,
  Producer = SharedRingProducer,
  Consumer = SharedRingConsumer,
  Bell = SharedBell,
}: Setting): Exploration {
  const bells = (): SharedRingBells => ({
    consumerBell: new Bell(buffer, CONSUMER_BELL),
    producerBell: new Bell(buffer, PRODUCER_BELL),
  })
  const produce = () => {
    const ring = new Producer(buffer, bells())
    const words = new Int32Array(buffer)
    sizes.forEach((bytes, index) => {
      let place = ring.reserve(bytes)
      while (place < 0) {
        ring.wait(bytes)
        place = ring.reserve(bytes)
      }
      for (let word = 0; word < bytes / 4; word++) words[place / 4 + word] = 1000 * (index + 1) + word
      ring.commit(bytes)
      if ((index + 1) % batch === 0) ring.publish()
    })
    ring.publish()
  }
  const consume = () => {
    const ring = new Consumer(buffer, bells())
    const words = new Int32Array(buffer)
    sizes.forEach((bytes, index) => {
      let place = ring.next()
      while (place < 0) {
        ring.wait()
        place = ring.next()
      }
      if (ring.length !== bytes) throw new Error(`record ${index} has ${ring.length} bytes`)
      for (let word = 0; word < bytes / 4; word++) {
        if (words[place / 4 + word] !== 1000 * (index + 1) + word) throw new Error(`record ${index} is torn`)
      }
      ring.release()
    })
    ring.publish()
  }
  return explore({
    words: buffer.byteLength / 4,
    initial: { [TAIL]: start, [HEAD]: start },
    programs: [produce, consume],
  })
}

/** Two records fill the ring; 16 bytes before its end, so does one with the rest that it skips. */
const settings: readonly Setting[] = [
  { sizes: [4] },
  { sizes: [8, 4] },
  { sizes: [8, 8, 4], batch: 2 },
  { sizes: [24, 24, 4], batch: 3 },
  { sizes: [24, 24], start: 2 ** 30 - 16 },
  ...(slow ? [{ sizes: [24, 24, 4] }, { sizes: [24, 24, 4], start: 48 }] : []),
]

describe('the protocol of a shared ring, in every interleaving', () => {
  it.each(settings)(
    'keeps records whole and wakes whoever waits: %j',
    (setting) => {
      const { states, violation } = exchange(setting)

      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(50)
    },
    300_000,
  )

  it('is caught when it publishes before it writes', () => {
    expect(exchange({ sizes: [8, 4], Producer: HastyProducer }).violation).toMatch(/data race|torn/)
  })

  it('is caught when it gives back before it reads', () => {
    expect(exchange({ sizes: [24, 24, 4], batch: 3, Consumer: HastyConsumer }).violation).toMatch(/data race|torn/)
  })

  it('is caught when it sleeps without a second look', () => {
    expect(exchange({ sizes: [4], Bell: BlindBell }).violation).toBe('a thread sleeps for ever')
  })

  it('is caught when a ring leaves the mark', () => {
    expect(exchange({ sizes: [4], Bell: MuteBell }).violation).toBe('a thread sleeps for ever')
  })
})
