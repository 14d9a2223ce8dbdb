import type { IntentDefinition } from '../intent/define-intent.ts'
import type { WriteItem } from '../sink/sink.ts'
import { Entry } from './entry.ts'

/** One item to be written in the place of several entries of a key, or of one that a stage has changed. */
export class EntryGroup implements WriteItem {
  readonly definition: IntentDefinition
  payload: unknown
  readonly key: string | undefined
  readonly idempotencyKey: string | undefined
  readonly entries: Entry[]
  /** The items of which it is made, in their order; none if it is one that was changed. */
  readonly parts: WriteItem[]

  constructor(definition: IntentDefinition, payload: unknown, entries: Entry[], parts: WriteItem[] = []) {
    const [first] = entries
    this.definition = definition
    this.payload = payload
    this.key = first?.key
    this.idempotencyKey = first?.idempotencyKey
    this.entries = entries
    this.parts = parts
  }
}

/** The entries that an item of a scheduler stands for, in their order. */
export function entriesOf(item: WriteItem): readonly Entry[] {
  if (item instanceof EntryGroup) return item.entries
  return item instanceof Entry ? [item] : []
}

/** The items that were made into this one, in their order; none if it was always one. */
export function partsOf(item: WriteItem): readonly WriteItem[] {
  return item instanceof EntryGroup ? item.parts : []
}

/** One item that does what both do, where their definition says how and the database need not tell them apart. */
export function merged(earlier: WriteItem, later: WriteItem): WriteItem | undefined {
  const { definition } = earlier
  if (definition.merge === undefined || later.definition !== definition) return undefined
  if (earlier.idempotencyKey !== undefined || later.idempotencyKey !== undefined) return undefined
  const payload = definition.merge(earlier.payload, later.payload)
  if (partsOf(earlier).length === 0) {
    return new EntryGroup(definition, payload, [...entriesOf(earlier), ...entriesOf(later)], [earlier, later])
  }
  // PERF: a group grows in place, or many of one key would cost the square of their number.
  const group = earlier as EntryGroup
  group.payload = payload
  group.entries.push(...entriesOf(later))
  group.parts.push(later)
  return group
}
