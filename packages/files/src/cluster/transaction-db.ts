import type { Db } from 'pg-boss'

/** What runs statements: a client of `pg`, or a pool. */
interface Client {
  query(statement: { readonly name?: string; readonly text: string; readonly values?: unknown[] }): Promise<{
    readonly rows: unknown[]
  }>
}

/** The names of texts, the same for every connection. pg-boss has a few dozen texts, whatever is asked of it. */
const names = new Map<string, string>()
/** Texts beyond that are sent as they are. */
const MOST_NAMES = 200

/**
 * What `pg` gives, as pg-boss takes it.
 *
 * PERF: a statement with values is prepared, once a connection. pg-boss's have up to 3,000 characters, and to read them takes the server longer than to do what
 * they say.
 * @param onSent Told whenever a statement is on its way, before there is an answer.
 */
export function sqlOf(client: Client, onSent = () => {}): Db {
  return {
    executeSql(text, values) {
      // Without values it may be several statements, which cannot be prepared.
      const name = values === undefined || values.length === 0 ? undefined : nameOf(text)
      const answer = client.query({
        text,
        ...(values !== undefined && { values }),
        ...(name !== undefined && { name }),
      })
      onSent()
      return answer
    },
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= MOST_NAMES) return known
  const name = `millrace board ${names.size}`
  names.set(text, name)
  return name
}
