import type { Clock } from '@millrace/kernel/clock'
import type { DeadLetters } from './deliver/dead-letters.ts'
import type { IntentDefinition } from './intent/define-intent.ts'
import type { Sink } from './sink/sink.ts'
import type { EventBus, Stage } from './sources/event-bus.ts'

/** How the size of batches follows what is measured. */
export interface AdaptiveBatchingConfig {
  /** Intents in a batch at first, from `minBatchSize` to `maxBatchSize`. @default 250 */
  readonly initialBatchSize?: number
  /** @default 50 */
  readonly minBatchSize?: number
  /** @default 1000 */
  readonly maxBatchSize?: number
  /** What a step changes where the size is found by trying, as a fraction: above 0, at most 0.5. @default 0.15 */
  readonly adjustmentFactor?: number
  readonly performanceThresholds?: {
    /** Share of intents refused by the database above which batches get smaller, 0 to 1. @default 0.01 */
    readonly errorRateThreshold?: number
    /** Longest time a batch shall take to write, in ms. @default 100 */
    readonly latencyThreshold?: number
    /** Intents a second that are enough: batches do not grow beyond what gives them. @default Infinity */
    readonly throughputTarget?: number
  }
}

/** When it stops asking a database that does not answer, and when it asks again. */
export interface CircuitBreakerConfig {
  /** Batches that fail in a row before it opens, at least 1. @default 5 */
  readonly failureThreshold?: number
  /** Ms until it is tried again, at least 1. @default 30000 */
  readonly recoveryTimeout?: number
  /** Batches that must succeed then before it closes, at least 1. @default 3 */
  readonly halfOpenTestCount?: number
}

/** How a batch is written again that failed for a passing reason: after `baseMs`, then twice as long and so on, at most `capMs`, each jittered. */
export interface RetryOptions {
  /** Attempts in all, at least 1. @default 5 */
  readonly attempts?: number
  /** @default 50 */
  readonly baseMs?: number
  /** @default 5000 */
  readonly capMs?: number
}

/** What it tells its host's log, in pino's manner; the words stand in `message`. */
export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** What {@link BatchScheduler.configure} can change while it runs. */
export interface BatchingOptions {
  /** Longest time the first intent of a batch waits for others, in ms, 0 to 60,000. @default 10 */
  readonly timeWindowMs?: number
  /** Most intents in a batch, 1 to 100,000. Adaptive batching stays below. @default 857 */
  readonly maxBatchSize?: number
  /** Most bytes of payloads in a batch. @default 4194304 */
  readonly maxBatchBytes?: number
  /**
   * Whether batches are formed by load: an idle connection takes at once what there is, while all are busy batches grow, up to a size that is
   * learned. Without it, the dual condition: a batch leaves when `timeWindowMs` have passed since its first intent, or with `maxBatchSize`.
   * @default true
   */
  readonly adaptiveBatching?: boolean | AdaptiveBatchingConfig
  /** Batches under way at once, 1 to 64. @default 2 */
  readonly maxConcurrentBatches?: number
}

/** What a {@link BatchScheduler} is made of. */
export interface BatchSchedulerOptions<Definitions extends readonly IntentDefinition[] = readonly IntentDefinition[]>
  extends BatchingOptions {
  /** Where batches are written. It is closed by {@link BatchScheduler.stop}. */
  readonly sink: Sink
  /** The types of intents there are. */
  readonly intents: Definitions
  /** Values of `small`, `medium` or `large` for what is not given. */
  readonly preset?: 'small' | 'medium' | 'large'
  /** Intents held at once, waiting or being written, at least 1. @default 100000 */
  readonly maxItems?: number
  /** Bytes of their payloads. @default 268435456 */
  readonly maxBytes?: number
  /** What becomes of an intent for which there is no room: it is refused (`QUEUE_FULL`), waits, or the oldest one waiting is dropped. @default "reject" */
  readonly whenFull?: 'reject' | 'wait' | 'drop-oldest'
  /** An intent that has waited longer is not written any more (`INTENT_EXPIRED`), in ms. @default Infinity */
  readonly maxWaitMs?: number
  /**
   * Whether an intent that the database refuses fails alone, or with all of its batch (`BATCH_FAILED`). A condition that does not hold, or a row that is not
   * there, refuses nothing: it ends its own intent either way. @default "item"
   */
  readonly atomicity?: 'item' | 'batch'
  readonly retry?: RetryOptions
  readonly circuitBreaker?: CircuitBreakerConfig
  /**
   * What happens while the circuit is open: intents are refused (`CIRCUIT_OPEN`), held within the bounds until it closes, or tried in small
   * batches, one at a time. @default "hold"
   */
  readonly whenOpen?: 'fail' | 'hold' | 'degrade'
  /** Ms after which a write is given up, and its outcome unknown, at least 1. @default 30000 */
  readonly writeTimeoutMs?: number
  /** Keeps what could not be written. Without it, only callers and the log hear of it. */
  readonly deadLetters?: DeadLetters
  /** Intents come from here too, and batches are told there. */
  readonly eventBus?: EventBus
  /** Changes a batch before it is written: pure, for example a game's rules. */
  readonly stage?: Stage
  readonly logger?: Logger
  readonly clock?: Clock
  /** Numbers from 0 to 1, for the jitter of retries. */
  readonly random?: () => number
}
