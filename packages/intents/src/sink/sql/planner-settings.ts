import type { SqlSession, Statement } from './sql-session.ts'

/**
 * Settings under which a statement walks its input in order, by nested loops over indexes: rows are then locked in the order of their keys,
 * whatever the planner knows of the table. A plan made once is used again, and compiling it would cost more than it gains.
 */
const WALK: Readonly<Record<string, string>> = {
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  enable_memoize: 'off',
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
}

/** How the session plans: for the walk, or for the rest of a transaction as its user has it set. */
export interface PlannerSettings {
  readonly walk: Statement
  readonly restore: Statement
}

/** Sets a session up, for good, and returns what changes it for the rest of a transaction. */
export async function setUpSession(session: SqlSession): Promise<PlannerSettings> {
  const names = Object.keys(WALK)
  const set = (local: boolean) =>
    `SELECT ${names.map((name, at) => `set_config('${name}', $${at + 1}, ${local})`).join(', ')}`
  const [had] = await session.run([
    { text: `SELECT ${names.map((name) => `current_setting('${name}')`).join(', ')}`, values: [] },
    { text: set(false), values: Object.values(WALK) },
    {
      text: `SELECT set_config('standard_conforming_strings', 'on', false), set_config('bytea_output', 'hex', false)`,
      values: [],
    },
  ])
  return {
    walk: { text: set(true), values: Object.values(WALK) },
    restore: { text: set(true), values: had?.rows[0] ?? [] },
  }
}
