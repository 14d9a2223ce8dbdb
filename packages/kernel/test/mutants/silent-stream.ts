import { Stream } from '../../src/deliver/stream.ts'

/** Wakes nobody who waits for room: the producer stands still for ever. */
export class SilentStream<T> extends Stream<T> {
  override whenRoom(): Promise<boolean> {
    return this.room > 0 || this.returned ? super.whenRoom() : new Promise(() => {})
  }
}
