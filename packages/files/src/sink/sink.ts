import { MillraceError } from '@millrace/kernel/errors'

/** One delivered file, as the ledger holds it. */
export interface ResultRow {
  readonly path: string
  /** SHA-256 of the contents, lower-case hex. */
  readonly hash: string
  /** The whole record as one line of JSON, `path` and `hash` its first keys. */
  readonly record: string
}

/** What a sink is told of the job it writes for. */
export interface SinkTarget {
  /** Where the user wants it (`--out`): an absolute path, or what the sink's own {@link Sink.target} gave. */
  readonly out: string
  readonly jobId: string
  /** Rows that will come. */
  readonly rows: number
  /**
   * A short name, the same for every export of this ledger and different from any other's: a temporary file that goes by it takes the place of
   * one that a killed export left.
   */
  readonly temporaryName: string
}

/**
 * One export under way. Rows come sorted by path in byte order. Until `commit` resolves nothing may be visible at the target;
 * after it, everything is there and durable. `abort` leaves no trace, and may follow a failed `write` or `commit`.
 */
export interface SinkWriter {
  write(rows: readonly ResultRow[]): Promise<void> | void
  commit(): Promise<void> | void
  abort(): Promise<void> | void
}

/** A form in which a job's results leave the ledger. */
export interface Sink {
  readonly name: string
  /** The ending of the default output file, with its dot, for example `.jsonl`. */
  readonly extension: string
  /**
   * Makes a target of what the user gave (`--out`), or of nothing, where it is no file: undefined where it is one. Given its own answer it gives the
   * same. Throws where it can be neither. The answer is kept and shown: there must be no secret in it. @default files only
   */
  target?(out: string | undefined): string | undefined
  /** Refuses a target that cannot be written, by throwing. Called before a job starts, so that no work is done in vain. */
  check?(out: string): Promise<void> | void
  open(target: SinkTarget): Promise<SinkWriter> | SinkWriter
}

/**
 * Checks a sink and returns it.
 * @throws {MillraceError} `SINK_INVALID` naming the field at fault.
 */
export function defineSink(sink: Sink): Sink {
  const given = sink as Partial<Record<keyof Sink, unknown>> | null | undefined
  const fault =
    typeof given !== 'object' || given === null
      ? `must be an object, got ${String(given)}`
      : typeof given.name !== 'string' || given.name === ''
        ? `needs a name, got ${String(given.name)}`
        : typeof given.extension !== 'string' || !given.extension.startsWith('.')
          ? `needs an extension that starts with a dot, got ${String(given.extension)}`
          : typeof given.open !== 'function'
            ? 'needs an open function'
            : given.check !== undefined && typeof given.check !== 'function'
              ? 'has a check that is not a function'
              : given.target !== undefined && typeof given.target !== 'function'
                ? 'has a target that is not a function'
                : undefined
  if (fault !== undefined) {
    throw new MillraceError('SINK_INVALID', `A sink ${fault}. See defineSink({ name, extension, open }).`, {
      detail: { name: given?.name },
    })
  }
  return sink
}
