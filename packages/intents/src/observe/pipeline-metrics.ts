/** A distribution, as it is now. Of nothing: `count` is 0 and the rest NaN. */
export interface Distribution {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Failures among what was tried, since the start, and lately: over about the last minute. */
export interface Rate {
  readonly failed: number
  readonly total: number
  /** 0 to 1. */
  readonly recent: number
}

/** What a scheduler did, counted since its start, at one moment. */
export interface PipelineMetrics {
  /** Intents in a batch. */
  readonly batchSizeDistribution: Distribution
  /** Bytes of the payloads in a batch, as they count for `maxBytes`. */
  readonly batchBytesDistribution: Distribution
  /** Batches by what made them leave. */
  readonly flushTriggerRatio: {
    readonly timeTriggered: number
    readonly sizeTriggered: number
    readonly bytesTriggered: number
    readonly idleTriggered: number
    readonly stopTriggered: number
  }
  /** From submission to settlement, in ms. */
  readonly endToEndLatency: Distribution
  /** 95th percentile of that in the last minute that is over, in ms; NaN before. */
  readonly lastMinuteLatencyP95: number
  /** From submission to the moment the batch is handed to the sink, in ms. */
  readonly queueWait: Distribution
  /** One attempt to write a batch, in ms. */
  readonly writeTime: Distribution
  /** Batches in a row, up to now, that were not committed. */
  readonly failedBatchesInARow: number
  /** Over about the last ten seconds. */
  readonly throughputMetrics: { readonly intentsPerSecond: number; readonly batchesPerSecond: number }
  readonly errorRates: { readonly perIntent: Rate; readonly perBatch: Rate }
  /** Every intent that was submitted is in exactly one: `submitted = committed + duplicates + failed + refused + waiting + writing`. */
  readonly books: {
    readonly submitted: number
    readonly committed: number
    readonly duplicates: number
    /** Ended with an error after it was admitted. */
    readonly failed: number
    /** Not admitted: invalid, no room, stopped. */
    readonly refused: number
    readonly waiting: number
    readonly writing: number
  }
  /** Intents written as part of another of the same key. */
  readonly coalesced: number
  readonly retries: number
  /** Attempts to write a batch that the database ended because of a deadlock. */
  readonly deadlocks: number
  /** Ms that batches waited for locks, added up, as the sink estimates it (`Sink.stats`); NaN where it cannot tell. */
  readonly lockWaitMs: number
  readonly deadLettered: number
  readonly held: {
    readonly items: number
    readonly bytes: number
    readonly maxItems: number
    readonly maxBytes: number
  }
  /** What adaptive batching believes: ms of a batch of n are `fixedMs + perIntentMs × n`. */
  readonly learned: { readonly batchSize: number; readonly fixedMs: number; readonly perIntentMs: number }
}

/** Whether intents are being written, for a load balancer and for whoever is called at night. */
export interface HealthStatus {
  /** Whether it is started, the circuit is not open, and no alert is firing that says otherwise. */
  readonly isHealthy: boolean
  readonly batchingEnabled: boolean
  readonly currentBatchSize: number
  /** Share of intents that failed, over about the last minute. */
  readonly errorRate: number
  /** From submission to settlement, in ms, lately. */
  readonly averageLatency: number
  /** When a batch was committed last. */
  readonly lastSuccessfulFlush: Date | undefined
  readonly circuit: 'closed' | 'open' | 'half-open'
  readonly state: 'idle' | 'running' | 'stopping' | 'stopped'
  /** The alerts that fire now, by their names in `alert-rules.yml`. */
  readonly alerts: readonly string[]
}
