import type { BatchScheduler } from '../../src/batch-scheduler.ts'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import type { BatchSchedulerOptions } from '../../src/scheduler-options.ts'
import { createPostgresSink } from '../../src/sink/postgres/postgres-sink.ts'
import { APPLICATION } from './crash-database.ts'
import { INTENTS } from './crash-intents.ts'
import { VARIANTS, type Variant } from './mutants/variants.ts'

/** Most intents in a batch of such a scheduler, and batches under way. */
export const MAX_BATCH = 40
export const MAX_BATCHES = 2

export interface OwnSchedulerOptions extends Partial<Omit<BatchSchedulerOptions<typeof INTENTS>, 'sink' | 'intents'>> {
  readonly variant?: Variant
  /** Settings of its sessions, as `postgres -c` takes them. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** A scheduler in the test's own process, for the server at `url`: it tries three times, and its circuit never opens. */
export async function startScheduler(
  url: string,
  options: OwnSchedulerOptions = {},
): Promise<BatchScheduler<typeof INTENTS>> {
  const { variant = 'real', settings = {}, ...more } = options
  const sink = createPostgresSink({
    connection: {
      connectionString: url,
      options: Object.entries(settings)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
    },
    connections: MAX_BATCHES,
    applicationName: APPLICATION,
  })
  const scheduler = createBatchScheduler({
    sink: VARIANTS[variant](sink, url),
    intents: INTENTS,
    maxBatchSize: MAX_BATCH,
    maxConcurrentBatches: MAX_BATCHES,
    writeTimeoutMs: 5000,
    retry: { attempts: 3, baseMs: 5, capMs: 20 },
    circuitBreaker: { failureThreshold: 1000 },
    ...more,
  })
  await scheduler.start()
  return scheduler
}
