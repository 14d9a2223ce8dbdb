import { coalesce } from '@millrace/kernel/batch/coalesce'
import { MillraceError } from '@millrace/kernel/errors'
import type { Admission } from '../admit/admission.ts'
import type { Intent } from '../intent/intent.ts'
import type { Entry } from '../queue/entry.ts'
import { EntryGroup, merged } from '../queue/entry-group.ts'
import type { Logger } from '../scheduler-options.ts'
import type { WriteItem } from '../sink/sink.ts'
import { type EventBus, type IntentBatch, type Stage, SystemEvent } from '../sources/event-bus.ts'

export interface BatchPlanOptions {
  readonly admission: Admission
  readonly stage: Stage | undefined
  readonly eventBus: EventBus | undefined
  readonly logger: Logger | undefined
  /** An entry that will not be written. */
  readonly onFailed: (entry: Entry, error: unknown) => void
  /** Entries that are written as part of another. */
  readonly onCoalesced: (count: number) => void
}

type Waves = readonly (readonly WriteItem[])[]

/** Makes of the entries of a batch what a sink is given: through the stage, told to the event bus, in waves. Each is done once a batch. */
export class BatchPlan {
  readonly #options: BatchPlanOptions

  constructor(options: BatchPlanOptions) {
    this.#options = options
  }

  wavesOf(id: number, entries: readonly Entry[], mayRepeat: boolean, trigger: IntentBatch['trigger']): Waves {
    const items = this.#staged(entries)
    if (items.length === 0) return []
    this.#emit(id, items, trigger)
    return mayRepeat ? this.#waves(items) : [items]
  }

  #staged(entries: readonly Entry[]): readonly WriteItem[] {
    const { stage, onFailed } = this.#options
    if (stage === undefined) return entries
    let outcomes: readonly (Intent | Error)[]
    try {
      outcomes = stage(entries.map((entry) => ({ ...entry.intent, payload: entry.payload })))
      if (!Array.isArray(outcomes) || outcomes.length !== entries.length) {
        const given = Array.isArray(outcomes) ? outcomes.length : typeof outcomes
        throw new TypeError(`it gave ${given} for ${entries.length} intents`)
      }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      const error = new MillraceError(
        'STAGE_FAILED',
        `The stage failed for a batch of ${entries.length}: ${message}; none of it was written`,
        { cause },
      )
      for (const entry of entries) onFailed(entry, error)
      return []
    }
    const items: WriteItem[] = []
    entries.forEach((entry, at) => {
      try {
        items.push(this.#replaced(entry, outcomes[at]!))
      } catch (error) {
        onFailed(entry, error)
      }
    })
    return items
  }

  #replaced(entry: Entry, outcome: Intent | Error): WriteItem {
    if (outcome instanceof Error) throw outcome
    const staged = this.#options.admission.admit(outcome, entry.at)
    if (staged instanceof Promise) {
      staged.catch(() => {})
      throw new MillraceError(
        'STAGE_FAILED',
        `${outcome.type}: a stage gave an intent whose schema is asynchronous; its batch cannot wait for that`,
      )
    }
    return new EntryGroup(staged.definition, staged.payload, [entry])
  }

  #emit(id: number, items: readonly WriteItem[], trigger: IntentBatch['trigger']): void {
    const { eventBus, logger } = this.#options
    if (eventBus === undefined) return
    const intents = items.map((item) => (item instanceof EntryGroup ? intentOf(item) : (item as Entry).intent))
    try {
      eventBus.emit(SystemEvent.INTENT_BATCH, { id, intents, trigger } satisfies IntentBatch)
    } catch (error) {
      logger?.error({ err: error }, 'a listener of the event bus threw')
    }
  }

  #waves(items: readonly WriteItem[]): Waves {
    const { logger, onCoalesced } = this.#options
    try {
      const waves = coalesce(items, items.length, { keyOf, idOf, merge: merged })
      onCoalesced(items.length - waves.reduce((sum, wave) => sum + wave.length, 0))
      return waves
    } catch (error) {
      // Only a user's merge() can have thrown, and without it nothing is lost.
      logger?.error({ err: error }, 'merge() of a definition threw; its intents are written one after the other')
      return coalesce(items, items.length, { keyOf, idOf })
    }
  }
}

function keyOf({ key }: WriteItem): string | undefined {
  return key
}

function idOf({ idempotencyKey }: WriteItem): string | undefined {
  return idempotencyKey
}

function intentOf({ definition, payload, key, entries }: EntryGroup): Intent {
  return { ...entries[0]!.intent, type: definition.type, payload, key }
}
