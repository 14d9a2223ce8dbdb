import { MillraceError } from '@millrace/kernel/errors'
import { keyReused } from '../item-errors.ts'
import type { ItemOutcome } from '../sink.ts'
import { arrayLiteral, jsonArray, numberArrayLiteral } from './encode/array-literal.ts'
import { rowHash } from './encode/row-hash.ts'
import type { SqlSession, Statement, StatementResult } from './sql-session.ts'
import { quoteName } from './statements/identifier.ts'
import type { ShapedRow } from './statements/shape.ts'

/** A row whose item has an idempotency key. */
export interface KeyedRow {
  readonly row: ShapedRow
  readonly key: string
  readonly hash: string
}

/** Rows by what became of their keys when they were claimed. */
export interface ClaimedRows {
  /** Keys that were new: these rows are to be written. */
  readonly fresh: readonly KeyedRow[]
  /** Keys that were there before. */
  readonly known: readonly KeyedRow[]
  /** Keys that an earlier row of the same batch has claimed. */
  readonly twins: readonly { readonly keyed: KeyedRow; readonly first: KeyedRow }[]
}

/** Sorts the rows of a batch by what {@link Idempotency.claim} returned. */
export function sortClaimed(keyed: readonly KeyedRow[], claimed: StatementResult): ClaimedRows {
  if (claimed.rows.length === keyed.length) return { fresh: keyed, known: [], twins: [] }
  const claimedKeys = new Set(claimed.rows.map(([key]) => key))
  const firsts = new Map<string, KeyedRow>()
  const known: KeyedRow[] = []
  const twins: { keyed: KeyedRow; first: KeyedRow }[] = []
  for (const one of keyed) {
    const first = firsts.get(one.key)
    if (!claimedKeys.has(one.key)) known.push(one)
    else if (first === undefined) firsts.set(one.key, one)
    else twins.push({ keyed: one, first })
  }
  return { fresh: [...firsts.values()], known, twins }
}

/** What becomes of a row whose key an earlier row of its batch has claimed. */
export function outcomeOfTwin(
  { keyed, first }: ClaimedRows['twins'][number],
  outcome: ItemOutcome | undefined,
): ItemOutcome {
  if (keyed.hash !== first.hash) return { status: 'failed', error: keyReused(keyed.key) }
  return outcome?.status === 'failed' ? outcome : { status: 'duplicate', value: outcome?.value }
}

/** How an outcome is kept, for whoever comes again with its key. */
type KeptOutcome = { readonly value: unknown } | { readonly error: { code: string; message: string; detail: unknown } }

/**
 * The idempotency keys of a database.
 *
 * A key is inserted before its change, in the same transaction, so that both are committed or none. Where another transaction has inserted it
 * and is still open, the insert waits for its end, and is done only if that was not committed. Keys are inserted in their order: who waits
 * for whom never comes full circle.
 */
export class Idempotency {
  readonly #keys: string
  readonly #outcomes: string

  constructor(schema: string) {
    this.#keys = `${quoteName(schema)}.intent_keys`
    this.#outcomes = `${quoteName(schema)}.intent_outcomes`
  }

  keyed(rows: readonly ShapedRow[]): KeyedRow[] {
    const keyed: KeyedRow[] = []
    for (const row of rows) {
      const key = row.item.idempotencyKey
      if (key !== undefined) keyed.push({ row, key, hash: rowHash(row) })
    }
    return keyed
  }

  /**
   * Inserts keys that are expected to be new; it fails if one is not, as {@link isTaken} tells.
   *
   * PERF: it takes half the time of {@link claim}, which for each row inserts, looks again, and confirms.
   */
  claimNew(keyed: readonly KeyedRow[]): Statement {
    return {
      text: `INSERT INTO ${this.#keys} (key, payload_hash)
SELECT key, hash FROM unnest($1::text[], $2::int8[]) AS given(key, hash) ORDER BY key COLLATE "C"`,
      values: valuesOf(keyed),
    }
  }

  /** Whether an error says that a key was there already. */
  isTaken(error: unknown): boolean {
    return (
      error instanceof MillraceError &&
      error.detail.sqlState === '23505' &&
      error.detail.constraint === 'intent_keys_pkey'
    )
  }

  /** Inserts the keys that are not there; what it returns are those. */
  claim(keyed: readonly KeyedRow[]): Statement {
    return {
      text: `INSERT INTO ${this.#keys} AS k (key, payload_hash)
SELECT key, hash FROM unnest($1::text[], $2::int8[]) AS given(key, hash) ORDER BY key COLLATE "C" ON CONFLICT (key) DO NOTHING RETURNING k.key`,
      values: valuesOf(keyed),
    }
  }

  /** Tells of rows whose keys were there before the batch what the first one under them came to. */
  async settleKnown(
    session: SqlSession,
    known: readonly KeyedRow[],
    tell: (row: ShapedRow, outcome: ItemOutcome) => void,
  ): Promise<void> {
    if (known.length === 0) return
    const [found] = await session.run([
      {
        text: `SELECT k.key, k.payload_hash, o.outcome FROM unnest($1::text[]) AS given(key)
JOIN ${this.#keys} AS k ON k.key = given.key LEFT JOIN ${this.#outcomes} AS o ON o.key = k.key`,
        values: [arrayLiteral(known.map(({ key }) => key))],
      },
    ])
    const byKey = new Map(found?.rows.map(([key, hash, outcome]) => [key, { hash, outcome }]))
    for (const { row, key, hash } of known) {
      const first = byKey.get(key)
      // Not there: deleted between the two statements, because it was too old. Nobody knows what it was of.
      if (first === undefined || first.hash !== hash) tell(row, { status: 'failed', error: keyReused(key) })
      else tell(row, outcomeOf(first.outcome ?? null))
    }
  }

  /** Keeps outcomes that are more than that their items were applied. */
  keep(keyed: readonly KeyedRow[], outcomes: ReadonlyMap<unknown, ItemOutcome>): Statement[] {
    const keys: string[] = []
    const kept: string[] = []
    for (const { row, key } of keyed) {
      const outcome = outcomes.get(row.item)
      if (outcome === undefined) continue
      keys.push(key)
      kept.push(JSON.stringify(keptOf(outcome)))
    }
    if (keys.length === 0) return []
    return [
      {
        text: `INSERT INTO ${this.#outcomes} (key, outcome)
SELECT * FROM ROWS FROM (unnest($1::text[]), jsonb_array_elements($2::jsonb)) AS given(key, outcome)
ON CONFLICT (key) DO UPDATE SET outcome = EXCLUDED.outcome`,
        values: [arrayLiteral(keys), jsonArray(kept)],
      },
    ]
  }

  /** Deletes some keys that are older than `keepMs`, and what was kept under them; returns how many there were. */
  prune(keepMs: number, limit: number): Statement {
    return {
      text: `WITH old AS (SELECT key FROM ${this.#keys} WHERE at < now() - $1::float8 * interval '1 ms' LIMIT $2::int8 FOR UPDATE SKIP LOCKED),
gone AS (DELETE FROM ${this.#outcomes} WHERE key IN (SELECT key FROM old))
DELETE FROM ${this.#keys} WHERE key IN (SELECT key FROM old)`,
      values: [String(keepMs), String(limit)],
    }
  }
}

function valuesOf(keyed: readonly KeyedRow[]): string[] {
  return [arrayLiteral(keyed.map(({ key }) => key)), numberArrayLiteral(keyed.map(({ hash }) => hash))]
}

function keptOf(outcome: ItemOutcome): KeptOutcome {
  if (outcome.status !== 'failed') return { value: outcome.value }
  const { code, message, detail } = outcome.error
  return { error: { code, message, detail } }
}

function outcomeOf(text: string | null): ItemOutcome {
  if (text === null) return { status: 'duplicate', value: undefined }
  const kept: KeptOutcome = JSON.parse(text)
  if (!('error' in kept)) return { status: 'duplicate', value: kept.value }
  const { code, message, detail } = kept.error
  return { status: 'failed', error: new MillraceError(code, message, { detail: detail as Record<string, unknown> }) }
}
