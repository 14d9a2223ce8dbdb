import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSharedRing } from '../../src/queue/shared-ring.ts'
import { SharedRingConsumer } from '../../src/queue/shared-ring-consumer.ts'
import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'
import { HastyConsumer } from '../mutants/hasty-consumer.ts'
import { TrustingConsumer } from '../mutants/trusting-consumer.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

const [TAIL, HEAD] = [0, 32]
const DATA_BYTES = 256
const COUNTERS = 2 ** 30

type MakeConsumer = (buffer: SharedArrayBuffer) => Shape<SharedRingConsumer>

/** A ring whose counters stand at `start`. */
function ringAt(start: number, capacityBytes: number): SharedArrayBuffer {
  const buffer = createSharedRing({ capacityBytes })
  new Int32Array(buffer).fill(start, TAIL, TAIL + 1).fill(start, HEAD, HEAD + 1)
  return buffer
}

function write({ buffer }: SharedRingProducer, place: number, bytes: number, id: number): void {
  const view = new Uint8Array(buffer, place, bytes)
  for (let index = 0; index < bytes; index++) view[index] = 31 * id + index
}

function isWhole({ buffer }: { buffer: SharedArrayBuffer }, place: number, bytes: number, id: number): boolean {
  return new Uint8Array(buffer, place, bytes).every((byte, index) => byte === ((31 * id + index) & 255))
}

interface Held {
  readonly id: number
  readonly place: number
  readonly bytes: number
}

const steps = fc.array(
  fc.record({ op: fc.constantFrom('send', 'send', 'send', 'publish', 'read', 'read', 'release', 'tell'), n: fc.nat() }),
  { maxLength: 300, size: 'max' },
)

/**
 * What was published comes out, in order and whole for as long as it is held; a full ring has room again once it was
 * drained.
 */
const followsTheQueue = (makeConsumer: MakeConsumer) =>
  fc.property(steps, fc.integer({ min: 6, max: 9 }), fc.integer({ min: -64, max: 64 }), (script, bits, offset) => {
    const buffer = ringAt((COUNTERS + offset * 8) % COUNTERS, 2 ** bits)
    const producer = new SharedRingProducer(buffer)
    const consumer = makeConsumer(buffer)
    let sent = 0
    let read = 0
    const committed: number[] = []
    const published: number[] = []
    const held: Held[] = []
    const publish = () => published.push(...committed.splice(0))
    const readOne = () => {
      const place = consumer.next()
      if (place < 0) return expect(published).toEqual([])
      const id = read++
      expect(place % 8).toBe(0)
      expect([consumer.length, consumer.tag]).toEqual([published.shift(), id])
      held.push({ id, place, bytes: consumer.length })
    }
    const release = () => {
      for (const { id, place, bytes } of held.splice(0)) {
        if (!isWhole(consumer, place, bytes, id)) expect.unreachable(`record ${id} was overwritten`)
      }
      consumer.release()
    }
    for (const { op, n } of script) {
      if (op === 'publish') {
        producer.publish()
        publish()
      } else if (op === 'read') readOne()
      else if (op === 'release') release()
      else if (op === 'tell') consumer.publish()
      else {
        const bytes = n % (producer.maxRecordBytes + 1)
        let place = producer.reserve(bytes)
        if (place < 0) {
          publish()
          while (published.length > 0) readOne()
          release()
          expect(consumer.next()).toBe(-1)
          place = producer.reserve(bytes)
        }
        const used = n % 3 === 0 ? bytes >> 1 : bytes
        write(producer, place, used, sent)
        producer.commit(used, sent++)
        committed.push(used)
      }
    }
    producer.publish()
    publish()
    while (published.length > 0) readOne()
    release()
    expect(read).toBe(sent)
    expect(consumer.ready).toBe(false)
  })

const damages = fc.array(
  fc.record({
    word: fc.oneof(fc.constantFrom(TAIL, HEAD), fc.integer({ min: DATA_BYTES / 4, max: DATA_BYTES / 4 + 31 })),
    value: fc.oneof(
      fc.integer(),
      fc.integer({ min: -16, max: 300 }),
      fc.integer({ min: 0, max: 40 }).map((eighths) => eighths * 8),
    ),
  }),
  { minLength: 1, maxLength: 6 },
)

/**
 * Whatever the other side wrote where: a reader stays within the ring and comes to an end, or says what is wrong; so
 * does a writer.
 */
const survivesDamage = (makeConsumer: MakeConsumer) =>
  fc.property(fc.array(fc.nat(56), { maxLength: 8 }), damages, fc.nat(8), (sizes, harm, reads) => {
    const buffer = ringAt(COUNTERS - 64, 128)
    const producer = new SharedRingProducer(buffer)
    const consumer = makeConsumer(buffer)
    const isInside = (place: number, bytes: number) =>
      place >= DATA_BYTES + 8 && place % 8 === 0 && bytes >= 0 && place + bytes <= buffer.byteLength
    for (const bytes of sizes) {
      if (producer.reserve(bytes) >= 0) producer.commit(bytes)
      producer.publish()
    }
    for (let count = 0; count < reads; count++) if (consumer.next() >= 0) consumer.release()
    const words = new Int32Array(buffer)
    for (const { word, value } of harm) words[word] = value
    try {
      let records = 0
      for (let place = consumer.next(); place >= 0; place = consumer.next()) {
        expect(isInside(place, consumer.length)).toBe(true)
        expect(++records).toBeLessThanOrEqual(128 / 8)
      }
    } catch (error) {
      expect(error).toMatchObject({ code: 'RING_CORRUPT' })
    }
    try {
      const place = producer.reserve(24)
      expect(place === -1 || isInside(place, 24)).toBe(true)
    } catch (error) {
      expect(error).toMatchObject({ code: 'RING_CORRUPT' })
    }
  })

describe('SharedRing', () => {
  it('follows the model of a queue', () => holds(followsTheQueue((buffer) => new SharedRingConsumer(buffer))))
  it('is caught giving back what is still read', () => fails(followsTheQueue((buffer) => new HastyConsumer(buffer))))

  it('stays within the ring whatever the memory holds', () =>
    holds(
      survivesDamage((buffer) => new SharedRingConsumer(buffer)),
      2000,
    ))
  it('is caught when it believes what it reads', () =>
    fails(
      survivesDamage((buffer) => new TrustingConsumer(buffer)),
      2000,
    ))

  it('carries every size across every place of the ring and of its counters', () => {
    let carried = 0
    for (const capacity of [64, 128]) {
      for (let start = COUNTERS - 2 * capacity; start < COUNTERS + capacity; start += 8) {
        for (let first = 0; first <= capacity / 2 - 8; first++) {
          for (let second = 0; second <= capacity / 2 - 8; second += 5) {
            const buffer = ringAt(start % COUNTERS, capacity)
            const producer = new SharedRingProducer(buffer)
            const consumer = new SharedRingConsumer(buffer)
            for (const bytes of [first, second]) {
              write(producer, producer.reserve(bytes), bytes, carried)
              producer.commit(bytes, carried)
              producer.publish()
              const place = consumer.next()
              if (consumer.length !== bytes || consumer.tag !== carried || !isWhole(consumer, place, bytes, carried)) {
                expect.unreachable(`${capacity} bytes from ${start}: ${first}, ${second}`)
              }
              consumer.release()
              consumer.publish()
              carried++
            }
          }
        }
      }
    }
    expect(carried).toBeGreaterThan(20_000)
  })

  it('goes on where the side before it had published', () => {
    const buffer = createSharedRing({ capacityBytes: 64 })
    const send = (bytes: number, tag: number, publish: boolean) => {
      const producer = new SharedRingProducer(buffer)
      producer.reserve(bytes)
      producer.commit(bytes, tag)
      if (publish) producer.publish()
    }
    send(8, 1, true)
    send(8, 2, false)
    send(8, 3, true)
    const tags = () => {
      const consumer = new SharedRingConsumer(buffer)
      const seen: number[] = []
      while (consumer.next() >= 0) seen.push(consumer.tag)
      return { seen, consumer }
    }
    expect(tags().seen).toEqual([1, 3])
    const { seen, consumer } = tags()
    expect(seen).toEqual([1, 3])
    consumer.release()
    expect(tags().seen).toEqual([])
  })

  it('voids a reservation that is not committed', async () => {
    const buffer = ringAt(48, 64)
    const producer = new SharedRingProducer(buffer)
    producer.reserve(24)
    expect(producer.reserve(8)).toBe(DATA_BYTES + 48 + 8)
    producer.commit(8, 7)
    producer.publish()
    const consumer = new SharedRingConsumer(buffer)
    expect([consumer.next(), consumer.length, consumer.tag]).toEqual([DATA_BYTES + 48 + 8, 8, 7])
    producer.reserve(24)
    expect(producer.reserve(24)).toBe(DATA_BYTES + 8)
    producer.commit(24)
    expect(producer.reserve(24)).toBe(-1)
    await messageOf('RING_COMMIT_INVALID', () => producer.commit(0))
  })

  it('refuses sizes, records and memory out of bounds', async () => {
    expect(createSharedRing().byteLength).toBe(65_536 + DATA_BYTES)
    expect(await messageOf('OPTION_INVALID', () => createSharedRing({ capacityBytes: 100 }))).toBe(
      'SharedRing: capacityBytes must be a power of two, not 100',
    )
    expect(await messageOf('OPTION_INVALID', () => createSharedRing({ capacityBytes: 32 }))).toMatch('at least 64')
    expect(
      await messageOf('OPTION_INVALID', () => new SharedRingConsumer(new SharedArrayBuffer(DATA_BYTES + 96))),
    ).toBe('SharedRingConsumer: buffer.byteLength - 256 must be a power of two, not 96')
    const producer = new SharedRingProducer(createSharedRing({ capacityBytes: 64 }))
    expect(producer.maxRecordBytes).toBe(24)
    expect(await messageOf('RING_RECORD_TOO_LARGE', () => producer.reserve(25))).toBe(
      'SharedRingProducer: a record of 25 bytes never fits, the largest has 24; ' +
        'make the ring with a larger capacityBytes, or send the payload in parts',
    )
    await messageOf('RING_RECORD_TOO_LARGE', () => producer.reserve(-1))
    await messageOf('RING_RECORD_TOO_LARGE', () => producer.wait(Number.NaN))
    producer.reserve(8)
    expect(await messageOf('RING_COMMIT_INVALID', () => producer.commit(9))).toBe(
      'SharedRingProducer: cannot commit 9 bytes, reserved are 8; reserve before each commit',
    )
  })

  it.each([
    ['a stray tail', TAIL, 4],
    ['a tail beyond the ring', TAIL, 72],
    ['a stray head', HEAD, -8],
    ['a head past the tail', HEAD, 8],
  ])('sees damage as it starts: %s', async (_, word, value) => {
    const buffer = createSharedRing({ capacityBytes: 64 })
    new Int32Array(buffer)[word] = value
    await messageOf('RING_CORRUPT', () => new SharedRingProducer(buffer))
    expect(await messageOf('RING_CORRUPT', () => new SharedRingConsumer(buffer))).toMatch('make a new ring')
  })
})
