import { Reorder } from '../../src/deliver/reorder.ts'

/** Forgets what was skipped: nothing behind the hole ever leaves. */
export class HoleyReorder<T> extends Reorder<T> {
  override skip(sequence: number): boolean {
    return this.accepts(sequence)
  }
}
