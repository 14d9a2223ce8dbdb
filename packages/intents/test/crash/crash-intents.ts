import { defineIntent } from '../../src/intent/define-intent.ts'
import type { Intent } from '../../src/intent/intent.ts'

/** What an intent of these tests does: leaves its name in a row, which a trigger writes into the log, and adds to what is there. */
export interface Addition {
  readonly name: string
  readonly row: string
  readonly amount: number
}

/** Rows of each of the tables: few, so that batches meet in them. */
export const ROWS = 40

export const INTENTS = [
  defineIntent({
    type: 'add',
    target: { kind: 'update', table: 'counters', key: { column: 'id' }, columns: { total: 'int8', last: 'text' } },
    toRow: ({ name, row, amount }: Addition) => ({ key: row, add: { total: amount }, set: { last: name } }),
  }),
  defineIntent({
    type: 'patch',
    target: { kind: 'patch', table: 'documents', key: { column: 'id' }, column: 'data' },
    toRow: ({ name, row, amount }: Addition) => ({ key: row, add: { total: amount }, set: { last: name } }),
  }),
  defineIntent({
    type: 'note',
    target: {
      kind: 'insert',
      table: 'notes',
      columns: { id: 'text', last: 'text' },
      key: ['id'],
      onConflict: 'update',
    },
    toRow: ({ name, row }: Addition) => ({ id: row, last: name }),
  }),
] as const

const TYPES = ['patch', 'add', 'add', 'note'] as const
const TABLES = { patch: 'd', add: 'c', note: 'n' } as const

/** Whether intents have idempotency keys. */
export type Keys = 'all' | 'none' | 'half'

export function isKeyed(n: number, keys: Keys): boolean {
  return keys === 'all' || (keys === 'half' && n % 2 === 0)
}

/** The intent of that number, always the same one. */
export function intentOf(n: number, keys: Keys, prefix = 'i'): Intent<(typeof TYPES)[number], Addition> {
  const name = `${prefix}${n}`
  const type = TYPES[n % TYPES.length]!
  const row = `${TABLES[type]}${Math.floor(n / TYPES.length) % ROWS}`
  const payload = { name, row, amount: amountOf(n) }
  return { type, key: row, payload, ...(isKeyed(n, keys) && { idempotencyKey: name }) }
}

export function amountOf(n: number): number {
  return 1 + (n % 7)
}
