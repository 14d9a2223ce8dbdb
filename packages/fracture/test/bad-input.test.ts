import { VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { CutoutBatchAutoload, type CutoutBatchProcessor } from '../src/index.ts'
import { openProcessor, polygon } from './open-processor.ts'

/** Whatever somebody hands over who does not read the types. */
const given = (value: unknown) => value as never

/** What is no options, and what a message calls it. */
const noOptions: readonly (readonly [unknown, string])[] = [
  [null, 'null'],
  ['fast', '"fast"'],
  [7, '7'],
  [true, 'true'],
]
const noFunctions: readonly (readonly [unknown, string])[] = [
  ['draw', '"draw"'],
  [{}, 'an object'],
  [null, 'null'],
  [3, '3'],
]
const noSignals: readonly (readonly [unknown, string])[] = [
  [{}, 'an object'],
  ['stop', '"stop"'],
  [null, 'null'],
  [0, '0'],
]
const noPriorities: readonly (readonly [unknown, string])[] = [
  [11, '11'],
  [-1, '-1'],
  [1.5, '1.5'],
  [Number.NaN, 'NaN'],
  ['high', '"high"'],
  [null, 'null'],
]
const noPolygons: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /must be a ring of points or \{ outer, holes \}, not undefined/],
  [null, /not null/],
  ['M 0 0', /not "M 0 0"/],
  [12, /not 12/],
  [() => [], /not a function/],
  [[], /the outer ring has 0 points; it takes three/],
  [{}, /the outer ring must be a list of points/],
  [[0, 0, 1, 1], /has 2 points; it takes three/],
  [[0, 0, 1, 0, 1], /a last x has no y/],
  [[0, 0, 1, 0, 1, Number.NaN], /NaN as y of point 2; it must be a finite number/],
  [[0, 0, 1, 0, 1, '1'], /"1" as y of point 2/],
  [[{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 1 }], /undefined as y of point 2/],
  [[[0, 0], [1, 0], null], /has as point 2 null, not \{ x, y \}/],
  [{ outer: polygon(1), holes: 5 }, /has as holes 5; holes are a list of rings/],
  [{ outer: polygon(1), holes: [[0, 0]] }, /hole 0 has 1 points; it takes three/],
  [{ outer: null }, /the outer ring must be a list of points.* not null/],
  [new Int32Array(6), /the outer ring must be a list of points/],
]
const noParams: readonly (readonly [unknown, RegExp])[] = [
  [null, /params must be an object, not null/],
  [[], /must be an object, not an array/],
  ['random', /params must be an object, not "random"/],
  [{ pattern: 'shatter' }, /pattern must be one of "random".*not "shatter"/],
  [{ fragmentCount: 1 }, /fragmentCount must be an integer of at least 2 and at most 100, not 1/],
  [{ seed: 0.5 }, /seed must be an integer.*not 0.5/],
  [{ sliceCount: 3 }, /sliceCount belongs to .*and the pattern is random: leave it out/],
  [{ fragments: 3 }, /there is no fragments; the pattern random has/],
  [{ mesh: 'yes' }, /mesh must be true or false, not "yes"/],
]

interface Wrong {
  readonly code: string
  readonly message: RegExp
  readonly act: (processor: CutoutBatchProcessor) => unknown
}

const wrongs: readonly (readonly [string, Wrong])[] = [
  ...noPolygons.flatMap(([value, message]) =>
    wrong('polygon', value, 'POLYGON_INVALID', message, {
      submitFracture: (processor) => processor.submitFracture(given(value)),
      fracture: (processor) => processor.fracture(given(value)),
      prefracture: (processor) => processor.prefracture(given(value)),
    }),
  ),
  ...noParams.flatMap(([value, message]) =>
    wrong('params', value, 'OPTION_INVALID', message, {
      submitFracture: (processor) => processor.submitFracture(polygon(1), given(value)),
      fracture: (processor) => processor.fracture(polygon(1), given(value)),
      prefracture: (processor) => processor.prefracture(polygon(1), given(value)),
      ...(Array.isArray(value)
        ? {}
        : {
            submitBatch: (processor) => processor.submitBatch([polygon(1)], given(value)),
            processBatchParallel: (processor) => processor.processBatchParallel([polygon(1)], given(value)),
            processBatchStreaming: (processor) => processor.processBatchStreaming([polygon(1)], given(value)).next(),
          }),
    }),
  ),
  ...noOptions.flatMap(([value, name]) =>
    wrong('options', value, 'OPTION_INVALID', says('options must be an object', name), {
      submitFracture: (processor) => processor.submitFracture(polygon(1), {}, given(value)),
      submitBatch: (processor) => processor.submitBatch([polygon(1)], {}, given(value)),
      fracture: (processor) => processor.fracture(polygon(1), {}, given(value)),
      prefracture: (processor) => processor.prefracture(polygon(1), {}, given(value)),
      createStream: (processor) => processor.createStream(given(value)),
      close: (processor) => processor.close(given(value)),
    }),
  ),
  ...noPriorities.flatMap(([priority, name]) =>
    wrong('priority', priority, 'OPTION_INVALID', says('priority must be an integer of at least 0', name), {
      submitFracture: (processor) => processor.submitFracture(polygon(1), {}, { priority: given(priority) }),
      submitBatch: (processor) => processor.submitBatch([polygon(1)], {}, { priority: given(priority) }),
      fracture: (processor) => processor.fracture(polygon(1), {}, { priority: given(priority) }),
      createStream: (processor) => processor.createStream({ priority: given(priority) }),
    }),
  ),
  ...noSignals.flatMap(([signal, name]) =>
    wrong('signal', signal, 'OPTION_INVALID', says('signal must be an AbortSignal', name), {
      submitFracture: (processor) => processor.submitFracture(polygon(1), {}, { signal: given(signal) }),
      submitBatch: (processor) => processor.submitBatch([polygon(1)], {}, { signal: given(signal) }),
      fracture: (processor) => processor.fracture(polygon(1), {}, { signal: given(signal) }),
      prefracture: (processor) => processor.prefracture(polygon(1), {}, { signal: given(signal) }),
      createStream: (processor) => processor.createStream({ signal: given(signal) }),
    }),
  ),
  ...noFunctions.flatMap(([value, name]) => [
    ...wrong('apply', value, 'OPTION_INVALID', says('apply must be a function', name), {
      fracture: (processor) => processor.fracture(polygon(1), {}, { apply: given(value) }),
    }),
    ...wrong('onError', value, 'OPTION_INVALID', says('onError must be a function', name), {
      createStream: (processor) => processor.createStream({ onError: given(value) }),
    }),
  ]),
  ...[undefined, null, 'all', 5, {}].flatMap((value) =>
    wrong('polygons', value, 'OPTION_INVALID', /polygons must be an array, not/, {
      submitBatch: (processor) => processor.submitBatch(given(value)),
      processBatchParallel: (processor) => processor.processBatchParallel(given(value)),
      processBatchStreaming: (processor) => processor.processBatchStreaming(given(value)).next(),
    }),
  ),
  ...[0, -1, 1.5, '10', null, Number.POSITIVE_INFINITY].flatMap((value) => [
    ...wrong('chunkSize', value, 'OPTION_INVALID', /chunkSize must be an integer of at least 1, not/, {
      processBatchStreaming: (processor) => processor.processBatchStreaming([polygon(1)], {}, given(value)).next(),
    }),
    ...wrong('maxItems', value, 'OPTION_INVALID', /maxItems must be an integer of at least 1/, {
      createStream: (processor) => processor.createStream({ maxItems: given(value) }),
    }),
  ]),
  ...[-1, Number.NaN, '10'].flatMap((value) => [
    ...wrong('withinMs', value, 'OPTION_INVALID', /withinMs must be a number of at least 0, not/, {
      close: (processor) => processor.close({ withinMs: given(value) }),
    }),
    ...wrong('budgetMs', value, 'OPTION_INVALID', /budgetMs must be a finite number of at least 0, not/, {
      process: (processor) => processor.process({ budgetMs: given(value) }),
    }),
  ]),
  ...[null, 16, 'frame'].flatMap((value) =>
    wrong('frame', value, 'OPTION_INVALID', /frame must be an object, not/, {
      process: (processor) => processor.process(given(value)),
    }),
  ),
]

describe('what is wrong is refused at the door, and nothing of it is left', () => {
  it.each(wrongs)('%s', async (_, { code, message, act }) => {
    const { processor, pool, clock } = openProcessor()
    const error = await thrownBy(() => act(processor))
    expect(error).toMatchObject({ name: 'MillraceError', code })
    expect(error).toHaveProperty('message', expect.stringMatching(message))
    expect(processor.stats).toMatchObject({ accepted: 0, pending: 0, queued: 0, running: 0, ready: 0 })
    expect(processor.process({ deltaMs: 16 }).usedMs).toBe(0)
    expect([pool.begun, clock.pending]).toEqual([[], 0])
    // It goes on as before.
    const result = processor.fracture(polygon(1))
    await new Promise(setImmediate)
    pool.finishAll()
    await new Promise(setImmediate)
    processor.process()
    expect((await result).packed).toBeDefined()
    await processor.close()
  })

  it.each(noPolygons)('in a stream %j fails alone', async (value, message) => {
    const { processor, settle } = openProcessor()
    const errors: string[] = []
    const stream = processor.createStream({ onError: (error, index) => errors.push(`${index} ${error}`) })
    for (const each of [polygon(1), value, polygon(2)]) stream.push(given(each))
    stream.close()
    const results: number[] = []
    const reading = (async () => {
      for await (const chunk of stream) results.push(...chunk.map(({ index }) => index))
    })()
    await settle()
    await reading
    expect([results, errors.length]).toEqual([[0, 2], 1])
    expect(errors[0]).toMatch(message)
  })

  it.each(['5', null, undefined, {}, Number.NaN, 1e99, -0])('there is no job %s to cancel', (id) => {
    const { processor } = openProcessor()
    processor.submitFracture(polygon(1))
    expect(processor.cancelJob(given(id))).toBe(false)
  })
})

describe('CutoutBatch', () => {
  const fresh = { frames: 'manual', clock: new VirtualClock(), clockTickMs: 0 } as const

  it.each(noOptions)('is not configured with %s', async (value, name) => {
    const autoload = new CutoutBatchAutoload()
    const error = await thrownBy(() => autoload.configure(given(value)))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringMatching(says('options', name)) })
    autoload.configure(fresh)
    await autoload.close()
  })

  it.each([
    [null, 'null'],
    ['pixi', '"pixi"'],
    [{}, 'an object'],
    [{ polygonOf: () => [] }, 'an object'],
    [{ apply: () => {} }, 'an object'],
  ])('takes no adapter like %j', async (adapter, name) => {
    const autoload = new CutoutBatchAutoload()
    for (const act of [
      () => autoload.configure({ ...fresh, adapter: given(adapter) }),
      () => autoload.create(given(adapter)),
    ]) {
      const message = expect.stringMatching(says('adapter must have polygonOf\\(\\) and apply\\(\\)', name))
      expect(await thrownBy(act)).toMatchObject({ code: 'OPTION_INVALID', message })
    }
    await autoload.close()
  })
})

/** One case for each way in. */
function wrong(
  what: string,
  value: unknown,
  code: string,
  message: RegExp,
  ways: { readonly [way: string]: Wrong['act'] },
): (readonly [string, Wrong])[] {
  const shown = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value))
  return Object.entries(ways).map(([way, act]) => [`${way}: ${what} ${shown}`, { code, message, act }])
}

function says(what: string, name: string): RegExp {
  return new RegExp(`${what}.*not ${name}`)
}

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
