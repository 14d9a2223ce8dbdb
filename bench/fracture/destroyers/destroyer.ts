import type { FractureResult } from '@millrace/fracture'
import type { BreakableObject } from '../objects.ts'

/** Something that breaks objects while frames go on, with its threads running. */
export interface Destroyer {
  /** Has an object broken. `onResult` hears of it on this thread, once, later. */
  destroy(object: BreakableObject, onResult: (result: FractureResult) => void): void
  /** Called in every frame, after the game has done what it does. */
  frame(): void
  close(): PromiseLike<void>
}

/** A way to set one up. */
export interface DestroyerKind {
  readonly name: string
  open(threads: number): Destroyer
}
