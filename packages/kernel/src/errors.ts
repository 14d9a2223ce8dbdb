/** What a {@link MillraceError} carries beside its message. */
export interface MillraceErrorOptions {
  /** The facts of the failure, for programs: paths, limits, offending values. @default {} */
  readonly detail?: Readonly<Record<string, unknown>>
  /** The failure underneath. */
  readonly cause?: unknown
}

/**
 * The only error class of Millrace.
 *
 * `code` is stable between releases and listed in `docs/errors.md`; `message` says what happened, to what, and what to
 * do.
 */
export class MillraceError extends Error {
  readonly code: string
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: MillraceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = options.detail ?? {}
  }

  override get name(): string {
    return 'MillraceError'
  }

  /** The error as plain data, for logs and for other processes; an `Error` as cause keeps its name and message. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, detail, cause } = this
    const json: Record<string, unknown> = { name, code, message, detail }
    if (cause instanceof MillraceError) json.cause = cause.toJSON()
    else if (cause instanceof Error) json.cause = { name: cause.name, message: cause.message }
    else if (cause !== undefined) json.cause = cause
    return json
  }
}
