import { MillraceError } from '@millrace/kernel'
import type { Intent, IntentOutcome, IntentResult } from '../../src/intent/intent.ts'
import type { HealthStatus } from '../../src/observe/pipeline-metrics.ts'
import type { SourceScheduler } from '../../src/sources/intent-source.ts'

/** How {@link HeldScheduler} ends an intent. */
export type Ends = (intent: Intent) => IntentResult | MillraceError

/** A scheduler that holds what it is given until the test says that it is committed: what sources do meanwhile can be looked at. */
export class HeldScheduler implements SourceScheduler {
  readonly submitted: Intent[] = []
  readonly enqueued: Intent[] = []
  health: HealthStatus = {
    isHealthy: true,
    batchingEnabled: true,
    currentBatchSize: 1,
    errorRate: 0,
    averageLatency: 0,
    lastSuccessfulFlush: undefined,
    circuit: 'closed',
    state: 'running',
    alerts: [],
  }
  readonly #held: (() => void)[] = []
  #isHolding = false
  #ends: Ends

  constructor(ends: Ends = () => ({ status: 'committed', value: undefined })) {
    this.#ends = ends
  }

  /** Intents that wait. */
  get held(): number {
    return this.#held.length
  }

  /** From now on nothing is committed, until {@link release}. */
  hold(): void {
    this.#isHolding = true
  }

  /** Commits the first `count` that wait. */
  release(count = this.#held.length): void {
    for (const commit of this.#held.splice(0, count)) commit()
  }

  async submit(intent: Intent): Promise<IntentResult> {
    this.submitted.push(intent)
    if (this.#isHolding) await new Promise<void>((resolve) => this.#held.push(resolve))
    const ending = this.#ends(intent)
    if (ending instanceof MillraceError) throw ending
    return ending
  }

  enqueue(intent: Intent): void {
    const ending = this.#ends(intent)
    if (ending instanceof MillraceError) throw ending
    this.enqueued.push(intent)
  }

  submitMany(intents: readonly Intent[]): Promise<readonly IntentOutcome[]> {
    return Promise.all(
      intents.map((intent) =>
        this.submit(intent).then(
          (result): IntentOutcome => ({ result }),
          (error: Error): IntentOutcome => ({ error }),
        ),
      ),
    )
  }
}

/** Ends an intent as its payload says: `{"fail": CODE}`. */
export const asAsked: Ends = ({ payload }) => {
  const code = (payload as { readonly fail?: string } | null)?.fail
  if (code === undefined) return { status: 'committed', value: payload }
  return new MillraceError(code, `It was to end with ${code}.`, { detail: { asked: true } })
}

/** Settles when `isTrue` holds; the test's own time limit bounds it. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}
