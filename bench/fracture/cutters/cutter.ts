import type { FractureParams } from '@millrace/fracture'
import type { Cell } from '../cells.ts'

/** A star and the cells into which it is to fall, in doubles. */
export interface Scene {
  readonly number: number
  readonly star: Float64Array
  /** Those by which ours comes to these cells. */
  readonly params: FractureParams
  readonly cells: readonly Cell[]
}

/** A star to be cut, in the form that a library takes: made before anything is timed. */
export interface PreparedCut<Pieces> {
  /** What is timed. */
  cut(): Pieces
  /** The area of each piece that came out, in any order: the area that it covers, holes taken off. */
  areasOf(pieces: Pieces): number[]
}

/** A way to cut a star into cells. */
export interface Cutter<Pieces = unknown> {
  readonly name: string
  /** False where what falls apart within a cell comes out as one piece, joined by edges of no width. */
  readonly isSplitting: boolean
  prepare(scene: Scene): PreparedCut<Pieces>
}
