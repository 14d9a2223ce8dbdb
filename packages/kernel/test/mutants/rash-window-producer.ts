import { SharedWindowProducer } from '../../src/queue/shared-window-producer.ts'

/** Takes a task back that it saw waiting, without asking whether it still waits. */
export class RashWindowProducer extends SharedWindowProducer {
  override withdraw(slot: number): boolean {
    if (this.stateOf(slot) !== 'ready') return false
    this.release(slot)
    return true
  }
}
