/** What a manifest is cut into, whatever its format: in the order of the file. */
export type Piece = Definitions | Items | BrokenPiece

/** What stands beside the monitors: `endpoints`, `notification_groups`. */
export interface Definitions {
  readonly kind: 'definitions'
  readonly value: unknown
  /** The line of a field, such as `endpoints.log.type`. */
  lineOf(field: string): number
}

/** Some monitors, each as JSON. */
export interface Items {
  readonly kind: 'items'
  readonly texts: readonly string[]
  /** The line that each begins on, by index. */
  readonly lines: ArrayLike<number>
  /** The line of a field, such as `pulse_check.config.url`, of the monitor of an index. */
  lineOf(index: number, field: string): number
}

/** What cannot be read. */
export interface BrokenPiece {
  readonly kind: 'broken'
  readonly line: number
  readonly message: string
  /** Where it can be told. */
  readonly monitor?: string
}

/** A larger monitor is none. */
export const MAX_ITEM_BYTES = 1_048_576
/** What stands beside the monitors is at most so large. */
export const MAX_DEFINITIONS_BYTES = 4_194_304

export const TOO_LARGE = `is larger than ${MAX_ITEM_BYTES} bytes: a monitor has no need of that`
export const NOT_TEXT = 'is not text in UTF-8: save it as UTF-8'
