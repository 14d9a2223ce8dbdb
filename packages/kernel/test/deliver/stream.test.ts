import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Stream, type StreamOptions } from '../../src/deliver/stream.ts'
import { LossyStream } from '../mutants/lossy-stream.ts'
import { SilentStream } from '../mutants/silent-stream.ts'
import { fails, holds, messageOf } from '../property.ts'

type MakeStream = (options: StreamOptions) => Stream<number>

/** Until everything that can happen has happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A rejection is looked at later, which is not a reason to end the process. */
function watched<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  return Promise.allSettled([promise]).then(([result]) => result!)
}

const steps = fc.array(
  fc.record({ op: fc.constantFrom('push', 'push', 'push', 'pull', 'pull', 'settle'), n: fc.nat(12) }),
  { maxLength: 60, size: 'max' },
)
const endings = fc.constantFrom('close', 'fail', 'return')
const bounds = fc.record({ maxItems: fc.integer({ min: 1, max: 9 }), maxChunk: fc.integer({ min: 1, max: 9 }) })

/**
 * Pushes and pulls in any order: what was taken comes out, once and in order, in chunks within bounds, and then the end
 * does.
 */
const deliversOnce = (makeStream: MakeStream) =>
  fc.asyncProperty(steps, bounds, endings, async (script, { maxItems, maxChunk }, ending) => {
    let returns = 0
    const stream = makeStream({ maxItems, maxChunk, onReturn: () => returns++ })
    const pulls: Promise<PromiseSettledResult<IteratorResult<number[], undefined>>>[] = []
    const pull = () => pulls.push(watched(stream.next()))
    let taken = 0
    for (const { op, n } of script) {
      if (op === 'pull') pull()
      else if (op === 'settle') await settled()
      else {
        for (let count = 0; count < n; count++) {
          const room = stream.room
          expect(stream.push(taken)).toBe(room > 0)
          if (room === 0) break
          taken++
          expect(stream.size).toBeLessThanOrEqual(maxItems)
        }
      }
    }
    await settled()
    const dropped = ending === 'return' ? stream.size : 0
    if (ending === 'return') await stream.return()
    else if (ending === 'fail') stream.fail('broken')
    else stream.close()
    expect([stream.room, returns]).toEqual([0, ending === 'return' ? 1 : 0])
    for (let count = taken + 2; count > 0; count--) pull()
    const results = await Promise.all(pulls)

    const chunks = results.flatMap((result) =>
      result.status === 'fulfilled' && result.value.done !== true ? [result.value.value] : [],
    )
    expect(chunks.flat()).toEqual(Array.from({ length: taken - dropped }, (_, item) => item))
    for (const { length } of chunks) expect(length >= 1 && length <= maxChunk).toBe(true)
    const ends = results.map((result) =>
      result.status === 'rejected' ? 'failed' : result.value.done === true ? 'done' : 'chunk',
    )
    const first = ends.findIndex((end) => end !== 'chunk')
    expect(ends[first]).toBe(ending === 'fail' ? 'failed' : 'done')
    expect(ends.slice(first + 1).every((end) => end === 'done')).toBe(true)
  })

/**
 * A producer that waits for room and a consumer that takes its time reach the end together, however small the stream.
 */
const flows = (makeStream: MakeStream) =>
  fc.asyncProperty(fc.nat(60), bounds, fc.integer({ min: 0, max: 3 }), async (items, options, pauses) => {
    const stream = makeStream(options)
    const produce = async () => {
      for (let item = 0; item < items; ) {
        if (stream.push(item)) item++
        else if (!(await stream.whenRoom())) return
      }
      stream.close()
    }
    const got: number[] = []
    const consume = async () => {
      for await (const chunk of stream) {
        got.push(...chunk)
        for (let pause = 0; pause < pauses; pause++) await Promise.resolve()
      }
      return 'ended'
    }
    void produce()
    const end = consume()
    let turns = 0
    const stuck = async () => {
      while (turns++ < 20 + items) await settled()
      return 'stuck'
    }
    expect(await Promise.race([end.finally(() => (turns = Number.POSITIVE_INFINITY)), stuck()])).toBe('ended')
    expect(got).toEqual(Array.from({ length: items }, (_, item) => item))
  })

describe('Stream', () => {
  const make: MakeStream = (options) => new Stream(options)

  it('delivers what it took, once, in order, and then its end', () => holds(deliversOnce(make)))
  it('is caught taking what it has no room for', () => fails(deliversOnce((options) => new LossyStream(options))))

  it('flows to its end through any bounds', () => holds(flows(make), 100))
  it('is caught waking no producer', () =>
    fails(
      flows((options) => new SilentStream(options)),
      30,
    ))

  it('gives what came together in one chunk', async () => {
    const stream = new Stream<number>({ maxChunk: 3 })
    const first = stream.next()
    for (let item = 0; item < 5; item++) stream.push(item)
    expect(await first).toEqual({ done: false, value: [0, 1, 2] })
    expect(await stream.next()).toEqual({ done: false, value: [3, 4] })
  })

  it('tells the producer when the consumer leaves', async () => {
    let told = 0
    const stream = new Stream<number>({ maxItems: 2, onReturn: () => told++ })
    while (stream.push(1));
    const room = stream.whenRoom()
    for await (const chunk of stream) {
      expect(chunk).toEqual([1, 1])
      expect(await room).toBe(true)
      while (stream.push(2));
      break
    }
    expect([stream.returned, stream.size, stream.room, stream.push(3), told]).toEqual([true, 0, 0, false, 1])
    expect(await stream.whenRoom()).toBe(false)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    stream.close()
    stream.fail(new Error('too late'))
    await stream.return()
    expect([told, await stream.next()]).toEqual([1, { done: true, value: undefined }])
  })

  it('is left by dispose, too, with those who wait answered', async () => {
    let told = 0
    const stream = new Stream<number>({ maxItems: 1, onReturn: () => told++ })
    const pulled = stream.next()
    {
      await using _left = stream
    }
    expect([await pulled, told]).toEqual([{ done: true, value: undefined }, 1])
  })

  it('does not tell of a return after its end', async () => {
    let told = 0
    const stream = new Stream<number>({ onReturn: () => told++ })
    stream.push(1)
    stream.close()
    const chunks = await Array.fromAsync(stream)
    await stream.return()
    expect([chunks, told]).toEqual([[[1]], 0])
  })

  it('ends who waits for room, and refuses what comes after the end', async () => {
    const stream = new Stream<number>({ maxItems: 1 })
    stream.push(1)
    const room = stream.whenRoom()
    stream.fail(new Error('broken'))
    expect([await room, await stream.whenRoom()]).toEqual([false, false])
    expect(await messageOf('STREAM_CLOSED', () => stream.push(2))).toMatch('push before close()')
    stream.fail(new Error('a second time'))
    expect(await stream.next()).toEqual({ done: false, value: [1] })
    await expect(stream.next()).rejects.toThrow('broken')
    expect((await stream.next()).done).toBe(true)
  })

  it('refuses options out of bounds', async () => {
    await messageOf('OPTION_INVALID', () => new Stream({ maxItems: 0 }))
    expect(await messageOf('OPTION_INVALID', () => new Stream({ maxChunk: 1.5 }))).toBe(
      'Stream: maxChunk must be an integer of at least 1, not 1.5',
    )
  })
})
