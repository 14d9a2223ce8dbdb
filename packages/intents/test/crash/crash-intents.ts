import { defineIntent } from '../../src/intent/define-intent.ts'
import type { Intent } from '../../src/intent/intent.ts'

/** What an intent of these tests does: adds to one row, and leaves its name there, which a trigger writes into the log. */
export interface Addition {
  readonly name: string
  readonly row: string
  readonly amount: number
}

/** Rows of each of the two tables: few, so that batches meet in them. */
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
] as const

/** Whether intents have idempotency keys. */
export type Keys = 'all' | 'none' | 'half'

export function isKeyed(n: number, keys: Keys): boolean {
  return keys === 'all' || (keys === 'half' && n % 2 === 0)
}

/** The intent of that number, always the same one. */
export function intentOf(n: number, keys: Keys, prefix = 'i'): Intent<'add' | 'patch', Addition> {
  const name = `${prefix}${n}`
  const type = n % 3 === 0 ? 'patch' : 'add'
  const row = `${type === 'add' ? 'c' : 'd'}${Math.floor(n / 3) % ROWS}`
  const payload = { name, row, amount: amountOf(n) }
  return { type, key: row, payload, ...(isKeyed(n, keys) && { idempotencyKey: name }) }
}

export function amountOf(n: number): number {
  return 1 + (n % 7)
}
