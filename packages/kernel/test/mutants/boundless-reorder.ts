import { Reorder } from '../../src/deliver/reorder.ts'

/** Takes what is too far ahead, into the place of another. */
export class BoundlessReorder<T> extends Reorder<T> {
  override accepts(): boolean {
    return true
  }
}
