/** Something wrong with a manifest. */
export interface Fault {
  /** Where: `pulse_check.config.url`; empty for the whole of a monitor. */
  readonly field: string
  /** What is wrong and what to do, in a sentence. */
  readonly message: string
  /** A warning is told, and the manifest stands. */
  readonly isWarning: boolean
}

export interface NumberRange {
  readonly min?: number
  readonly max?: number
}

/**
 * Reads the fields of one mapping of a manifest. It gives what was asked for, whatever is there: what is wrong is noted as a {@link Fault}, and the
 * default is given instead. Each field is asked for once; what nobody asked for is unknown, which {@link Fields.end} notes.
 */
export interface Fields {
  /** Where this mapping is: `pulse_check.config`. */
  readonly path: string
  has(name: string): boolean
  string(name: string, fallback?: string): string
  /** @param fallback is given where there is none; without it the field is required. */
  integer(name: string, range: NumberRange, fallback?: number): number
  boolean(name: string, fallback: boolean): boolean
  /** Milliseconds, of `30s`, `1m30s`, `500ms` or a number of seconds. */
  durationMs(name: string, range: NumberRange, fallback?: number): number
  /** One of `values`; a near miss is told which was meant. */
  oneOf<const Value extends string>(name: string, values: readonly Value[], fallback?: Value): Value
  strings(name: string, fallback?: readonly string[]): readonly string[]
  integers(name: string, range: NumberRange, fallback?: readonly number[]): readonly number[]
  /** Text by name, as headers are. */
  record(name: string): Readonly<Record<string, string>>
  /** As it is written, references in it resolved: for what another reads. */
  any(name: string): unknown
  /** All that nobody asked for yet, as it is written, references in it resolved: for what a schema of a user's reads. None of it is unknown then. */
  rest(): Readonly<Record<string, unknown>>
  /** The fields of a mapping within; of an empty one where there is none. */
  within(name: string): Fields
  /** The fields of each mapping of a list. */
  each(name: string): readonly Fields[]
  /** Notes that a field is wrong: `message` says what it is and what it should be. */
  fault(name: string, message: string): void
  warn(name: string, message: string): void
  /** No more fields are asked for: those left are unknown. */
  end(): void
}
