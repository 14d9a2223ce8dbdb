import type { Statement, StatementResult } from '../sql/sql-session.ts'

/** What the thread of a database is given. */
export interface PgliteThreadData {
  /** Where the database is. */
  readonly dataDir: string
}

/** Statements to be run one after the other; an empty list closes the database. */
export type PgliteRequest = readonly Statement[]

/** What a server's error is made of. */
export interface PackedError {
  readonly message: string
  readonly code: string | undefined
  readonly severity: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined
}

/** What they came to, or the error of the first that failed. The first message of a thread says that it is ready, or why not. */
export type PgliteReply =
  | { readonly results: readonly StatementResult[]; readonly failure?: undefined }
  | { readonly results?: undefined; readonly failure: PackedError }

export function packError(error: unknown): PackedError {
  const { message, code, severity, table, column, constraint } = error as PackedError
  return { message, code, severity, table, column, constraint }
}

export function unpackError({ message, ...fields }: PackedError): Error {
  return Object.assign(new Error(message), fields)
}
