import type { Db } from 'pg-boss'

/** What `pg` gives, as pg-boss takes it. */
export function sqlOf(client: { query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }> }): Db {
  return { executeSql: (text, values) => client.query(text, values) }
}
