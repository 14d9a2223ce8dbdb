import { Slots } from '../../src/execute/slots.ts'

/** Forgets on a resize what is in flight, and starts as much again. */
export class GreedySlots extends Slots {
  override resize(max: number): void {
    while (this.inFlight > 0) this.release()
    super.resize(max)
  }
}
