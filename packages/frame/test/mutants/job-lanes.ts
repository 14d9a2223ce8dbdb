import { JobLanes } from '../../src/queue/job-lanes.ts'

/** What returns comes to the front one after the other, the last one first. */
export class BackwardJobLanes extends JobLanes {
  readonly #handles: number[] = []

  override returnNextFrame(slot: number): void {
    this.#handles.push(this.handleOf(slot))
    super.returnNextFrame(slot)
  }

  override returnAll(laneOf: (system: number) => number): void {
    super.returnAll(laneOf)
    for (const handle of this.#handles.splice(0).reverse()) {
      const slot = this.find(handle)
      if (slot >= 0) this.toBack(slot, laneOf(this.systemOf(slot)))
    }
  }
}

/** A slot that is kept for a system's next job still has what belonged to the last. */
export class StaleJobLanes extends JobLanes {
  override park(slot: number, lane: number, frame: number): void {
    const payload = this.payload(slot)
    super.park(slot, lane, frame)
    this.setPayload(slot, payload)
  }
}
