import { writeSync } from 'node:fs'
import { MillraceError } from '@millrace/kernel'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import { createPostgresSink } from '../../src/sink/postgres/postgres-sink.ts'
import { type ClientOrder, type End, IN_FLIGHT, LETTERS } from './crash-client-order.ts'
import { APPLICATION } from './crash-database.ts'
import { INTENTS, intentOf } from './crash-intents.ts'
import { VARIANTS } from './mutants/variants.ts'

const CONNECTIONS = 3

const order = JSON.parse(process.argv[2]!) as ClientOrder
const { url, variant, keys, prefix } = order
const scheduler = createBatchScheduler({
  sink: VARIANTS[variant](createPostgresSink({ url, connections: CONNECTIONS, applicationName: APPLICATION }), url),
  intents: INTENTS,
  maxBatchSize: 40,
  maxConcurrentBatches: CONNECTIONS,
  retry: { attempts: 8, baseMs: 2, capMs: 50 },
  circuitBreaker: { recoveryTimeout: 50 },
  writeTimeoutMs: 5000,
})

let lines = ''
function tell(end: End, n: number, code = ''): void {
  // Of what ends in one go, one write: it is told before anything else can happen.
  if (lines === '') queueMicrotask(flush)
  lines += `${LETTERS[end]} ${n} ${code}\n`
}

function flush(): void {
  writeSync(1, lines)
  lines = ''
}

function* numbers(): Generator<number> {
  yield* order.again
  const step = order.to < order.from ? -1 : 1
  for (let n = order.from; n !== order.to; n += step) yield n
}

async function submitFrom(todo: Iterable<number>): Promise<void> {
  for (const n of todo) {
    try {
      const { status } = await scheduler.submit(intentOf(n, keys, prefix))
      tell(status, n)
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      tell(error.code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'failed', n, error.code)
    }
  }
}

await scheduler.start()
const todo = numbers()
// All draw from one: who has finished takes the next.
await Promise.all(Array.from({ length: IN_FLIGHT }, () => submitFrom(todo)))
await scheduler.stop()
