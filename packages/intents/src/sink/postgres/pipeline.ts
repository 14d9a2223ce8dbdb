import type { Connection, Submittable } from 'pg'
import type { Statement, StatementResult } from '../sql/sql-session.ts'
import type { PreparedNames } from './prepared-names.ts'

/** How the parts of pg's connection are called that its types do not have right. */
type Wire = Pick<Connection, 'stream' | 'sync'> & {
  parse(message: { readonly name: string; readonly text: string }): void
  bind(message: { readonly statement: string; readonly values: readonly (string | null)[] }): void
  describe(message: { readonly type: 'P'; readonly name: string }): void
  execute(message: { readonly rows: number }): void
  close(message: { readonly type: 'S'; readonly name: string }): void
  sendCopyFail(message: string): void
}

interface ResultInMaking {
  tag: string
  fields: { name: string; typeId: number }[]
  rows: (string | null)[][]
}

/**
 * Several statements as one query of a `pg` client: written at once, with one synchronisation behind the last.
 *
 * The server runs them in order and skips what follows a failure, COMMIT included; that is why it is not `pg`'s own pipeline, which
 * synchronises behind each: were a BEGIN to fail there, the rest would be committed one by one.
 */
export class Pipeline implements Submittable {
  readonly results: Promise<readonly StatementResult[]>
  readonly #statements: readonly Statement[]
  readonly #names: PreparedNames
  readonly #done: StatementResult[] = []
  #lateError: Error | undefined
  #current: ResultInMaking = { tag: '', fields: [], rows: [] }
  #resolve!: (results: readonly StatementResult[]) => void
  #reject!: (error: Error) => void

  constructor(statements: readonly Statement[], names: PreparedNames) {
    this.#statements = statements
    this.#names = names
    this.results = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** What came behind the answer to its COMMIT: the batch is committed, and the session is over. */
  get lateError(): Error | undefined {
    return this.#lateError
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire
    // PERF: as few packets as hold it.
    wire.stream.cork()
    for (const { text, values, described } of this.#statements) {
      const { name, isNew, dropped } = this.#names.use(text)
      if (dropped !== undefined) wire.close({ type: 'S', name: dropped })
      if (isNew) {
        // What a failed pipeline has prepared is not known.
        wire.close({ type: 'S', name })
        wire.parse({ name, text })
      }
      wire.bind({ statement: name, values })
      if (described) wire.describe({ type: 'P', name: '' })
      wire.execute({ rows: 0 })
    }
    wire.sync()
    wire.stream.uncork()
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
  }): void {
    this.#current.fields = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }))
  }

  handleDataRow({ fields }: { readonly fields: (string | null)[] }): void {
    this.#current.rows.push(fields)
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#current.tag = text
    this.#done.push(this.#current)
    this.#current = { tag: '', fields: [], rows: [] }
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' })
  }

  handleCopyInResponse(connection: Connection): void {
    ;(connection as unknown as Wire).sendCopyFail('COPY is not possible here')
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#done)
  }

  handleError(error: Error): void {
    // A session that is terminated in the midst of a COMMIT finishes it, says so, and only then says why it ends: that is no word about the batch.
    if (this.#done.length === this.#statements.length && this.#done.at(-1)?.tag === 'COMMIT') {
      this.#lateError = error
      this.#resolve(this.#done)
      return
    }
    for (const { text } of this.#statements) this.#names.forget(text)
    this.#reject(error)
  }
}
