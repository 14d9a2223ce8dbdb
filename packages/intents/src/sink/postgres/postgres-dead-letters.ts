import type { DeadLetter, DeadLetters } from '../../deliver/dead-letters.ts'
import type { Intent } from '../../intent/intent.ts'
import { arrayLiteral, numberArrayLiteral } from '../sql/encode/array-literal.ts'
import { Sessions, type SinkSession } from '../sql/sessions.ts'
import { quoteName } from '../sql/statements/identifier.ts'
import { migrate } from '../sql/tables.ts'
import { Connection } from './connection.ts'
import { type PostgresSinkOptions, resolvePostgresOptions } from './postgres-options.ts'

/** Where {@link createPostgresDeadLetters} keeps them. */
export type PostgresDeadLettersOptions = Pick<
  PostgresSinkOptions,
  'url' | 'connection' | 'schema' | 'applicationName' | 'statementTimeoutMs' | 'connectTimeoutMs'
>

/** Dead letters in a table, with a connection of their own. */
export interface PostgresDeadLetters extends DeadLetters, AsyncDisposable {
  close(): Promise<void>
}

/**
 * Keeps dead letters in PostgreSQL, in the table `dead_letters` of Millrace's schema; it is made when it is first needed.
 *
 * `add` is one statement, so that it keeps all or none, and resolves at commit.
 * @throws {MillraceError} `OPTION_INVALID`; its methods reject with `SINK_UNREACHABLE` and the like.
 */
export function createPostgresDeadLetters(options: PostgresDeadLettersOptions): PostgresDeadLetters {
  const { client, schema } = resolvePostgresOptions(options, 'createPostgresDeadLetters')
  const table = `${quoteName(schema)}.dead_letters`
  const sessions = new Sessions(() => Connection.open(client), 1)
  let migrated = false

  async function using<T>(use: (session: SinkSession) => Promise<T>): Promise<T> {
    const session = await sessions.take()
    try {
      if (!migrated) await migrate(session, schema)
      migrated = true
      return await use(session)
    } catch (error) {
      await session.rollBack()
      throw error
    } finally {
      sessions.give(session)
    }
  }

  return {
    async add(letters) {
      if (letters.length === 0) return
      const texts = (of: (letter: Omit<DeadLetter, 'id'>) => string) => arrayLiteral(letters.map(of))
      const numbers = (of: (letter: Omit<DeadLetter, 'id'>) => number) =>
        numberArrayLiteral(letters.map((letter) => String(of(letter))))
      const statement = {
        text: `INSERT INTO ${table} (intent, code, reason, attempts, failed_at)
SELECT intent, code, reason, attempts, to_timestamp(at / 1000)
FROM unnest($1::text[], $2::text[], $3::text[], $4::int4[], $5::float8[]) WITH ORDINALITY AS given(intent, code, reason, attempts, at, ord) ORDER BY ord`,
        values: [
          texts(({ intent }) => JSON.stringify(intent)),
          texts(({ code }) => code),
          texts(({ reason }) => reason.replaceAll('\0', '\\0')),
          numbers(({ attempts }) => attempts),
          numbers(({ failedAt }) => failedAt),
        ],
      }
      await using((session) => session.run([statement]))
    },
    async list(limit) {
      const text = `SELECT id, intent, code, reason, attempts, extract(epoch FROM failed_at) * 1000 FROM ${table} ORDER BY id LIMIT $1::int8`
      const [found] = await using((session) => session.run([{ text, values: [String(limit)] }]))
      return (found?.rows ?? []).map(([id, intent, code, reason, attempts, failedAt]) => ({
        id: id ?? '',
        intent: JSON.parse(intent ?? '') as Intent,
        code: code ?? '',
        reason: reason ?? '',
        attempts: Number(attempts),
        failedAt: Number(failedAt),
      }))
    },
    async remove(ids) {
      const known = ids.filter((id) => /^[0-9]{1,18}$/.test(id))
      if (known.length === 0) return
      const text = `DELETE FROM ${table} WHERE id = ANY ($1::int8[])`
      await using((session) => session.run([{ text, values: [numberArrayLiteral(known)] }]))
    },
    close: () => sessions.close(),
    [Symbol.asyncDispose]: () => sessions.close(),
  }
}
