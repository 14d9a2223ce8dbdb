import {
  type BatchingOptions,
  type BatchScheduler,
  createBatchScheduler,
  defineIntent,
  type Sink,
} from '@millrace/intents'
import { AsyncBatcher } from '@tanstack/pacer/async-batcher'
import DataLoader from 'dataloader'
import { AHEAD, type Bench } from '../harness/bench.ts'
import { comparePerItem, type Pass } from '../harness/per-item.ts'

const BATCH = 857
const BATCHES = 8
/** By size or by time, as ours: Pacer sets its timers anew with every item. */
const WINDOW_MS = 10
/** What an intent may cost of what TanStack Pacer's costs: 0.15. */
const PACER_GOAL = 6.67
const NOTHING = new Map()
const VALUES = new Array<number>(BATCH).fill(1)

const put = defineIntent({
  type: 'put',
  target: { kind: 'insert', table: 'values', columns: { value: 'int4' } },
  toRow: (payload: { readonly value: number }) => payload,
})

/** Whoever is given what is to be written, and says when it was. */
type Submit = (intent: ReturnType<typeof intentOf>) => Promise<unknown>

/** What does it cost to be batched, where writing costs nothing? Its caller makes the intent, and waits for its promise. */
export default async function overhead(bench: Bench): Promise<void> {
  await using fixed = open({ adaptiveBatching: false, timeWindowMs: WINDOW_MS })
  await using adaptive = open({ maxBatchSize: BATCH })
  await Promise.all([fixed.start(), adaptive.start()])
  const names = Array.from({ length: BATCH }, (_, at) => `player:${at}`)
  const bare = bareBatcher()
  const loader = new DataLoader<object, unknown>(async () => VALUES, { cache: false, maxBatchSize: BATCH })
  const batcher = new AsyncBatcher<object>(async () => VALUES, { maxSize: BATCH, wait: WINDOW_MS })
  const bySize = new AsyncBatcher<object>(async () => VALUES, { maxSize: BATCH })
  const load: Submit = (intent) => loader.load(intent)
  const pacer: Submit = (intent) => batcher.addItem(intent)

  await comparePerItem(bench, {
    id: 'overhead/an-intent',
    items: BATCH * BATCHES,
    ours: passOf((intent) => fixed.submit(intent)),
    peers: [
      { name: 'DataLoader, uncached', goal: AHEAD, pass: passOf(load) },
      { name: "TanStack Pacer's AsyncBatcher", goal: PACER_GOAL, pass: passOf(pacer) },
      { name: "TanStack Pacer's AsyncBatcher, by size only", pass: passOf((intent) => bySize.addItem(intent)) },
      { name: 'ours, by load', pass: passOf((intent) => adaptive.submit(intent)) },
      { name: 'an array, by hand', pass: passOf(bare) },
    ],
  })
  await comparePerItem(bench, {
    id: 'overhead/an-intent-with-a-key',
    items: BATCH * BATCHES,
    ours: passOf((intent) => fixed.submit(intent), names),
    peers: [
      { name: 'DataLoader, uncached', goal: AHEAD, pass: passOf(load, names) },
      { name: "TanStack Pacer's AsyncBatcher", goal: PACER_GOAL, pass: passOf(pacer, names) },
    ],
  })
  await comparePerItem(bench, {
    id: 'overhead/without-a-waiter',
    items: BATCH * BATCHES,
    ours: enqueueing(fixed),
    peers: [{ name: 'DataLoader, uncached', pass: passOf(load) }],
  })
}

function intentOf(value: number, key: string | undefined) {
  return key === undefined
    ? { type: 'put' as const, payload: { value } }
    : { type: 'put' as const, payload: { value }, key }
}

/** Batch after batch, each awaited. With `names`, each intent of a batch has a key of its own. */
function passOf(submit: Submit, names: readonly string[] = []): Pass {
  return async () => {
    let done = 0
    for (let batch = 0; batch < BATCHES; batch++) {
      const promises: Promise<unknown>[] = []
      for (let at = 0; at < BATCH; at++) promises.push(submit(intentOf(at, names[at])))
      done += (await Promise.all(promises)).length
    }
    return done
  }
}

function enqueueing(scheduler: Scheduler): Pass {
  return async () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      for (let at = 0; at < BATCH; at++) scheduler.enqueue(intentOf(at, undefined))
      // All of it is over by then: nothing waits but for promises.
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { writing, waiting } = scheduler.metrics.books
    return BATCH * BATCHES - writing - waiting
  }
}

type Scheduler = BatchScheduler<readonly [typeof put]>

function open(batching: BatchingOptions): Scheduler {
  const sink: Sink = {
    open: async () => {},
    write: async () => NOTHING,
    failureOf: () => 'unknown',
    ping: async () => {},
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  return createBatchScheduler({ sink, intents: [put], ...batching })
}

/** The least there is: an array that is full at some time, and promises. Checks nothing, counts nothing, bounds nothing. */
function bareBatcher(): Submit {
  let waiting: { readonly intent: object; readonly resolve: (value: unknown) => void }[] = []
  const write = async (batch: typeof waiting) => {
    await NOTHING
    for (const { resolve } of batch) resolve(1)
  }
  return (intent) =>
    new Promise((resolve) => {
      waiting.push({ intent, resolve })
      if (waiting.length < BATCH) return
      void write(waiting)
      waiting = []
    })
}
