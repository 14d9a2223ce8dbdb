import { MillraceError } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import type { FractureResult, FractureStream, StreamResult } from '../../src/index.ts'
import { turn } from '../fake-pool.ts'
import { codeOf, idOf, openProcessor, polygon } from '../open-processor.ts'

const ids = (chunk: readonly StreamResult[]) => chunk.map(({ index, result }) => `${index}: ${idOf(result)}`)

/** Reads a stream to its end: its chunks, and the error it ended with. */
async function read(stream: FractureStream) {
  const chunks: string[][] = []
  try {
    for await (const chunk of stream) chunks.push(ids(chunk))
  } catch (error) {
    return { chunks, error: codeOf(error) }
  }
  return { chunks, error: undefined }
}

describe('a stream', () => {
  it('begins with start(), and tells of the results of a frame together', async () => {
    const { processor, pool, settle } = openProcessor({ width: 4 })
    const stream = processor.createStream()
    const chunks: string[][] = []
    stream.resultsReady.subscribe((chunk) => chunks.push(ids(chunk)))
    for (const id of [5, 6, 7]) expect(stream.push(polygon(id))).toBe(true)
    await settle()
    expect(pool.begun).toEqual([])
    stream.start()
    await turn()
    pool.finish(0)
    pool.finish(0)
    await turn()
    expect(chunks).toEqual([])
    processor.process()
    expect(chunks).toEqual([['0: 5', '1: 6']])
    stream.push(polygon(8))
    await settle()
    expect(chunks).toEqual([
      ['0: 5', '1: 6'],
      ['2: 7', '3: 8'],
    ])
    expect(stream.pending).toBe(0)
  })

  it('has no more in a chunk than a frame delivers', async () => {
    const { processor, pool, settle } = openProcessor({ width: 64 })
    const stream = processor.createStream()
    const sizes: number[] = []
    stream.resultsReady.subscribe((chunk) => sizes.push(chunk.length))
    for (let id = 0; id < 50; id++) stream.push(polygon(id))
    stream.start()
    await turn()
    pool.finishAll()
    await turn()
    await settle()
    expect(sizes).toEqual([10, 15, 20, 5])
  })

  it('is iterated, and ends after close()', async () => {
    const { processor, settle } = openProcessor()
    const stream = processor.createStream()
    for (const id of [1, 2]) stream.push(polygon(id))
    const reading = read(stream)
    await settle()
    stream.push(polygon(3))
    await settle()
    stream.close()
    await messageOf('STREAM_CLOSED', () => stream.push(polygon(4)))
    expect(await reading).toEqual({ chunks: [['0: 1', '1: 2'], ['2: 3']], error: undefined })
    expect(await stream.whenRoom()).toBe(false)
  })

  it('keeps what nobody has heard for the iteration', async () => {
    const { processor, settle } = openProcessor()
    const stream = processor.createStream()
    stream.push(polygon(1))
    stream.start()
    await settle()
    stream.close()
    expect(await read(stream)).toEqual({ chunks: [['0: 1']], error: undefined })
  })

  it('takes no more than it has room for', async () => {
    const { processor, settle } = openProcessor()
    const stream = processor.createStream({ maxItems: 2 })
    expect([1, 2, 3].map((id) => stream.push(polygon(id)))).toEqual([true, true, false])
    let hasRoom: boolean | undefined
    void stream.whenRoom().then((room) => (hasRoom = room))
    stream.start()
    await settle()
    expect(hasRoom).toBe(undefined)
    const results = stream[Symbol.asyncIterator]()
    expect(ids((await results.next()).value!)).toEqual(['0: 1', '1: 2'])
    await turn()
    expect(hasRoom).toBe(true)
    expect(await stream.whenRoom()).toBe(true)
    expect(stream.push(polygon(3))).toBe(true)
  })

  it('leaves others their room, and goes on where there was none', async () => {
    const { processor, told, settle } = openProcessor({ maxQueued: 3 })
    const stream = processor.createStream()
    for (let id = 1; id <= 10; id++) stream.push(polygon(id))
    for (const id of [20, 21, 22]) processor.submitFracture(polygon(id))
    stream.start()
    expect(processor.stats.pending).toBe(3)
    stream.close()
    const reading = read(stream)
    for (let frames = 12; frames > 0; frames--) await settle()
    expect((await reading).chunks.flat()).toHaveLength(10)
    expect(told).toHaveLength(13)
  })

  it('ends with the first error, and cancels the rest', async () => {
    const { processor, pool, told } = openProcessor({ width: 1 })
    const stream = processor.createStream()
    for (let id = 1; id <= 3; id++) stream.push(polygon(id))
    const reading = read(stream)
    await turn()
    pool.fail(1, new MillraceError('POLYGON_NO_AREA', 'flat'))
    pool.finish(0)
    await turn()
    processor.process()
    expect(await reading).toEqual({ chunks: [], error: 'POLYGON_NO_AREA' })
    processor.process()
    expect(told).toEqual(['1 is 1', '2 failed: POLYGON_NO_AREA', '3 cancelled'])
  })

  it('goes on where somebody hears of errors', async () => {
    const { processor, settle } = openProcessor()
    const errors: string[] = []
    const stream = processor.createStream({ onError: (error, index) => errors.push(`${index}: ${codeOf(error)}`) })
    for (const each of [polygon(1), [1, 2], polygon(3)]) stream.push(each)
    stream.close()
    const reading = read(stream)
    await settle()
    expect(await reading).toEqual({ chunks: [['0: 1', '2: 3']], error: undefined })
    expect(errors).toEqual(['1: POLYGON_INVALID'])
  })

  it('is cancelled: by its signal, by the end of the iteration, by disposal', async () => {
    const { processor, pool, settle } = openProcessor()
    const control = new AbortController()
    const stream = processor.createStream({ signal: control.signal })
    stream.push(polygon(1))
    const reading = read(stream)
    await turn()
    control.abort(new MillraceError('GONE', 'gone'))
    expect(await reading).toEqual({ chunks: [], error: 'GONE' })
    expect(pool.stopped).toEqual([1])
    const left = processor.createStream()
    left.push(polygon(2))
    await left[Symbol.asyncIterator]().return?.()
    const disposed = processor.createStream()
    disposed.push(polygon(3))
    disposed.start()
    await disposed[Symbol.asyncDispose]()
    expect(left.push(polygon(4))).toBe(false)
    await settle()
    expect(processor.stats).toMatchObject({ accepted: 3, cancelled: 3, pending: 0 })
    const aborted = processor.createStream({ signal: AbortSignal.abort(new MillraceError('GONE', 'gone')) })
    expect((await read(aborted)).error).toBe('GONE')
  })

  it('is nothing to the processor when it is over', async () => {
    const { processor } = openProcessor()
    const signal = AbortSignal.abort(new MillraceError('GONE', 'gone'))
    const turns: string[] = []
    for (let left = 3; left > 0; left--) {
      const stream = processor.createStream({ signal })
      expect([stream.isOver, stream.push(polygon(1)), stream.pending]).toEqual([true, false, 0])
      Object.assign(stream, { turn: () => turns.push('turn') })
    }
    processor.process()
    expect(turns).toEqual([])
  })

  it('is finished by close() of the processor, started or not', async () => {
    const { processor, settle } = openProcessor()
    const stream = processor.createStream()
    for (let id = 1; id <= 600; id++) stream.push(polygon(id))
    const closed = processor.close()
    for (let frames = 20; frames > 0; frames--) await settle()
    await closed
    expect((await read(stream)).chunks.flat()).toHaveLength(600)
  })

  it('ends with PROCESSOR_CLOSED when the time to close is over', async () => {
    const { processor, clock } = openProcessor()
    const stream = processor.createStream()
    for (let id = 1; id <= 600; id++) stream.push(polygon(id))
    const closed = processor.close({ withinMs: 10 })
    clock.advance(10)
    await closed
    expect((await read(stream)).error).toBe('PROCESSOR_CLOSED')
    expect(processor.stats.pending).toBe(0)
  })
})

describe('processBatchStreaming', () => {
  it('gives chunks in the order of the polygons, whoever is ready first', async () => {
    const { processor, pool, settle } = openProcessor({ width: 8 })
    const chunks: number[][] = []
    const reading = (async () => {
      for await (const chunk of processor.processBatchStreaming([1, 2, 3, 4, 5].map(polygon), { seed: 3 }, 2)) {
        chunks.push(chunk.map(idOf))
      }
    })()
    await turn()
    for (const which of [4, 2, 0]) pool.finish(which)
    await turn()
    for (let frames = 4; frames > 0; frames--) processor.process()
    await turn()
    expect(chunks).toEqual([])
    await settle()
    await reading
    expect(chunks).toEqual([[1, 2], [3, 4], [5]])
  })

  it('refuses chunks of none, and parameters for others', async () => {
    const { processor } = openProcessor()
    await messageOf('OPTION_INVALID', () => processor.processBatchStreaming([polygon(1)], {}, 0).next())
    await messageOf('OPTION_INVALID', () => processor.processBatchStreaming([polygon(1)], [{}, {}]).next())
  })
})

describe('processBatchParallel', () => {
  it('resolves with all, in order', async () => {
    const { processor, settle } = openProcessor()
    const results = processor.processBatchParallel([3, 1, 2].map(polygon))
    await settle()
    expect((await results).map((result: FractureResult) => idOf(result))).toEqual([3, 1, 2])
    expect(await processor.processBatchParallel([])).toEqual([])
  })

  it('rejects with the first error, and cancels the rest', async () => {
    const { processor, pool } = openProcessor({ width: 1 })
    const results = processor.processBatchParallel([1, 2, 3].map(polygon)).catch(codeOf)
    await turn()
    pool.fail(0, new MillraceError('POLYGON_NO_AREA', 'flat'))
    await turn()
    processor.process()
    expect(await results).toBe('POLYGON_NO_AREA')
    processor.process()
    expect(processor.stats).toMatchObject({ failed: 1, cancelled: 2, pending: 0 })
  })
})
