import { SharedRingProducer } from '../../src/queue/shared-ring-producer.ts'

/** Publishes before writing: the record is the consumer's as soon as it is reserved. */
export class HastyProducer extends SharedRingProducer {
  override reserve(maxBytes: number): number {
    const place = super.reserve(maxBytes)
    if (place >= 0) {
      super.commit(maxBytes)
      super.publish()
    }
    return place
  }

  override commit(): void {}
}
