import type { IntentDefinition } from '../intent/define-intent.ts'
import type { WriteItem } from '../sink/sink.ts'
import { Entry } from './entry.ts'

/** One item to be written in the place of several entries of a key, or of one that a stage has changed. */
export class EntryGroup implements WriteItem {
  readonly definition: IntentDefinition
  readonly payload: unknown
  readonly key: string | undefined
  readonly idempotencyKey: string | undefined
  readonly entries: readonly Entry[]

  constructor(definition: IntentDefinition, payload: unknown, entries: readonly Entry[]) {
    const [first] = entries
    this.definition = definition
    this.payload = payload
    this.key = first?.key
    this.idempotencyKey = first?.idempotencyKey
    this.entries = entries
  }
}

/** The entries that an item of a scheduler stands for, in their order. */
export function entriesOf(item: WriteItem): readonly Entry[] {
  if (item instanceof EntryGroup) return item.entries
  return item instanceof Entry ? [item] : []
}

/** One item that does what both do, where their definition says how and the database need not tell them apart. */
export function merged(earlier: WriteItem, later: WriteItem): WriteItem | undefined {
  const { definition } = earlier
  if (definition.merge === undefined || later.definition !== definition) return undefined
  if (earlier.idempotencyKey !== undefined || later.idempotencyKey !== undefined) return undefined
  const payload = definition.merge(earlier.payload, later.payload)
  return new EntryGroup(definition, payload, [...entriesOf(earlier), ...entriesOf(later)])
}
