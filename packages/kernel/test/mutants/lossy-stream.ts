import { Stream } from '../../src/deliver/stream.ts'

/** Says that it took what it had no room for. */
export class LossyStream<T> extends Stream<T> {
  override push(item: T): boolean {
    return super.push(item) || !this.returned
  }
}
