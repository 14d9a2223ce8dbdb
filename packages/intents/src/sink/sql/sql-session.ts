/** A statement and its parameters, as texts. */
export interface Statement {
  readonly text: string
  readonly values: readonly (string | null)[]
  /** Whether the names and types of what it returns are needed. @default false */
  readonly described?: boolean
}

/** What a column of a result is. */
export interface ResultField {
  readonly name: string
  /** The type, by PostgreSQL's number of it. */
  readonly typeId: number
}

/** What a statement came to. */
export interface StatementResult {
  /** As the server says it: `UPDATE 857`, `COMMIT`. */
  readonly tag: string
  /** Only of a statement that is `described`. */
  readonly fields: readonly ResultField[]
  /** As texts. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** One session with a database, for one user at a time. */
export interface SqlSession {
  /**
   * Runs statements one after the other, in one round trip where that is possible, and stops at the first that fails: it rejects with that
   * one's error, and what follows is not run.
   */
  run(statements: readonly Statement[]): Promise<readonly StatementResult[]>
}

/** A statement without parameters. */
export function plain(text: string): Statement {
  return { text, values: [] }
}
