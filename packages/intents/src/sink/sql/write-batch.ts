import { MillraceError } from '@millrace/kernel/errors'
import type { IntentDefinition } from '../../intent/define-intent.ts'
import { rowInvalid } from '../item-errors.ts'
import type { BatchOutcome, ItemOutcome, WriteBatch, WriteItem } from '../sink.ts'
import { groupRows, type RowGroup } from './group-rows.ts'
import { type ClaimedRows, type Idempotency, type KeyedRow, outcomeOfTwin, sortClaimed } from './idempotency.ts'
import { lockRows } from './lock-rows.ts'
import type { PlannerSettings } from './planner-settings.ts'
import { plain, type SqlSession, type Statement, type StatementResult } from './sql-session.ts'
import type { ShapedRow, TargetWriter } from './statements/shape.ts'

/** A session that one transaction has for itself. */
export interface TransactionSession extends SqlSession {
  /** Runs statements and commits, in one round trip where that is possible. Rejects if that is not known to have happened. */
  commit(statements: readonly Statement[]): Promise<readonly StatementResult[]>
  /** Leaves a transaction that failed. Never rejects. */
  rollBack(): Promise<void>
  readonly planner: PlannerSettings
}

const BEGIN = plain('BEGIN ISOLATION LEVEL READ COMMITTED')

/**
 * Writes a batch as one transaction.
 *
 * Without idempotency keys it is one round trip: all statements and the COMMIT go together. With keys it is two, because what the changes came
 * to is kept under them; and some more where keys were there already, because that decides what is written. Items that cannot be written as
 * they are are told, and not sent.
 */
export async function writeBatch(
  session: TransactionSession,
  writers: ReadonlyMap<IntentDefinition, TargetWriter>,
  idempotency: Idempotency,
  batch: WriteBatch,
): Promise<BatchOutcome> {
  const outcomes = new Map<WriteItem, ItemOutcome>()
  const tell = (row: ShapedRow, outcome: ItemOutcome) => void outcomes.set(row.item, outcome)
  let waves = batch.waves.map((wave) => readRows(wave, writers, outcomes))
  const keyed = waves.flatMap((rows) => idempotency.keyed(rows))

  if (keyed.length === 0) {
    const groups = waves.flatMap(groupRows)
    if (groups.length === 0) return outcomes
    const plan = statementsOf(groups, session.planner)
    const results = await session.commit([BEGIN, ...plan.statements])
    plan.settle(results.slice(1), tell)
    return outcomes
  }

  let fresh: readonly KeyedRow[] = keyed
  let twins: ClaimedRows['twins'] = []
  try {
    const plan = statementsOf(waves.flatMap(groupRows), session.planner)
    const results = await session.run([BEGIN, idempotency.claimNew(keyed), ...plan.statements])
    plan.settle(results.slice(2), tell)
  } catch (error) {
    if (!idempotency.isTaken(error)) throw error
    await session.rollBack()
    const [, claimed] = await session.run([BEGIN, idempotency.claim(keyed)])
    const sorted = sortClaimed(keyed, claimed!)
    ;({ fresh, twins } = sorted)
    await idempotency.settleKnown(session, sorted.known, tell)
    const left = new Set([...sorted.known, ...twins.map(({ keyed }) => keyed)].map(({ row }) => row))
    waves = waves.map((rows) => rows.filter((row) => !left.has(row)))
    const plan = statementsOf(waves.flatMap(groupRows), session.planner)
    if (plan.statements.length > 0) plan.settle(await session.run(plan.statements), tell)
  }
  await session.commit(idempotency.keep(fresh, outcomes))
  for (const twin of twins) tell(twin.keyed.row, outcomeOfTwin(twin, outcomes.get(twin.first.row.item)))
  return outcomes
}

function readRows(
  wave: readonly WriteItem[],
  writers: ReadonlyMap<IntentDefinition, TargetWriter>,
  outcomes: Map<WriteItem, ItemOutcome>,
): ShapedRow[] {
  const rows: ShapedRow[] = []
  for (const item of wave) {
    try {
      const writer = writers.get(item.definition)
      if (writer === undefined) throw notOpened(item.definition)
      rows.push(writer.read(item))
    } catch (error) {
      const failure =
        error instanceof MillraceError ? error : rowInvalid(item.definition.type, 'toRow threw an error', {}, error)
      outcomes.set(item, { status: 'failed', error: failure })
    }
  }
  return rows
}

function notOpened({ type }: IntentDefinition): MillraceError {
  return new MillraceError(
    'TARGET_UNSUPPORTED',
    `The sink was not opened for intents ${type}; give open() its definition`,
    {
      detail: { type },
    },
  )
}

interface Plan {
  readonly statements: readonly Statement[]
  settle(results: readonly StatementResult[], tell: (row: ShapedRow, outcome: ItemOutcome) => void): void
}

function statementsOf(groups: readonly RowGroup[], planner: PlannerSettings): Plan {
  const statements = lockRows(groups)
  /** For each group the place of its last statement. */
  const ends: number[] = []
  let usersPlan = false
  for (const { shape, rows } of groups) {
    if (shape.usersPlan !== usersPlan) statements.push(shape.usersPlan ? planner.restore : planner.walk)
    usersPlan = shape.usersPlan
    ends.push(statements.push(...shape.statements(rows)) - 1)
  }
  return {
    statements,
    settle(results, tell) {
      for (const [at, { shape, rows }] of groups.entries()) shape.settle(rows, results[ends[at]!]!, tell)
    },
  }
}
