import { NONE, type SlotHandle, SlotLists } from '@millrace/kernel/queue/slot-lists'

export { NONE } from '@millrace/kernel/queue/slot-lists'

/**
 * The jobs of a controller, in columns: a first-in, first-out list for each lane, and three more, for jobs that return to
 * the front with the next frame, are held while their system is suspended, or are away, waiting for a promise.
 *
 * O(1), allocating only as it grows: 10,000 jobs take less than 1 MB. Slots move when it does, handles stay.
 */
export class JobLanes {
  /** Number of lanes. */
  readonly count: number
  readonly #lists: SlotLists
  readonly #returning: number
  readonly #held: number
  readonly #away: number
  #system: Int32Array
  #queuedIn: Int32Array
  #queuedAt: Float64Array
  #payload: unknown[]

  constructor(lanes: number) {
    this.count = lanes
    this.#returning = lanes
    this.#held = lanes + 1
    this.#away = lanes + 2
    this.#lists = new SlotLists({ lists: lanes + 3, onGrow: (capacity, from) => this.#grow(capacity, from) })
    const { capacity } = this.#lists
    this.#system = new Int32Array(capacity)
    this.#queuedIn = new Int32Array(capacity)
    this.#queuedAt = new Float64Array(capacity)
    this.#payload = new Array<unknown>(capacity).fill(undefined)
  }

  /** Jobs of all kinds. */
  get size(): number {
    return this.#lists.size
  }

  /** Jobs that wait for their turn, in the lanes. */
  get waiting(): number {
    const lists = this.#lists
    return lists.size - lists.sizeOf(this.#returning) - lists.sizeOf(this.#held) - lists.sizeOf(this.#away)
  }

  get returning(): number {
    return this.#lists.sizeOf(this.#returning)
  }

  get held(): number {
    return this.#lists.sizeOf(this.#held)
  }

  get away(): number {
    return this.#lists.sizeOf(this.#away)
  }

  sizeOf(lane: number): number {
    return this.#lists.sizeOf(lane)
  }

  /** Queues a job at the end of its lane. Returns its slot. */
  push(lane: number, system: number, frame: number, now: number, payload: unknown): number {
    const slot = this.#lists.push(lane)
    this.#system[slot] = system
    this.#queuedIn[slot] = frame
    this.#queuedAt[slot] = now
    this.#payload[slot] = payload
    return slot
  }

  remove(slot: number): void {
    this.#payload[slot] = undefined
    this.#lists.remove(slot)
  }

  first(lane: number): number {
    return this.#lists.first(lane)
  }

  next(slot: number): number {
    return this.#lists.next(slot)
  }

  find(handle: SlotHandle): number {
    return this.#lists.find(handle)
  }

  handleOf(slot: number): SlotHandle {
    return this.#lists.handleOf(slot)
  }

  systemOf(slot: number): number {
    return this.#system[slot]!
  }

  /** The frame before which a job's waiting begins. */
  queuedIn(slot: number): number {
    return this.#queuedIn[slot]!
  }

  setQueuedIn(slot: number, frame: number): void {
    this.#queuedIn[slot] = frame
  }

  queuedAt(slot: number): number {
    return this.#queuedAt[slot]!
  }

  payload(slot: number): unknown {
    return this.#payload[slot]
  }

  setPayload(slot: number, payload: unknown): void {
    this.#payload[slot] = payload
  }

  isAway(slot: number): boolean {
    return this.#lists.listOf(slot) === this.#away
  }

  /** Keeps a job out of its lane until the next frame: see `returnAll`. */
  returnNextFrame(slot: number): void {
    this.#lists.moveToBack(slot, this.#returning)
  }

  /** Keeps a job while its system is suspended: see `returnHeld`. */
  hold(slot: number): void {
    this.#lists.moveToBack(slot, this.#held)
  }

  /** Takes a job out of its lane while a promise is waited for, since `frame`. */
  sendAway(slot: number, frame: number): void {
    this.#lists.moveToBack(slot, this.#away)
    this.#queuedIn[slot] = frame
  }

  /** The job that is away the longest. */
  firstAway(): number {
    return this.#lists.first(this.#away)
  }

  toBack(slot: number, lane: number): void {
    this.#lists.moveToBack(slot, lane)
  }

  /** Brings what returns with this frame to the front of its lanes, in its order. */
  returnAll(laneOf: (system: number) => number): void {
    const lists = this.#lists
    for (let slot = lists.last(this.#returning); slot !== NONE; slot = lists.last(this.#returning)) {
      lists.moveToFront(slot, laneOf(this.#system[slot]!))
    }
  }

  /** Brings what was held of a system back to the front of `lane`, in its order. O(jobs held). */
  returnHeld(system: number, lane: number): void {
    const lists = this.#lists
    for (let slot = lists.last(this.#held); slot !== NONE; ) {
      const previous = lists.previous(slot)
      if (this.#system[slot] === system) lists.moveToFront(slot, lane)
      slot = previous
    }
  }

  /** Calls `visit` with every job of a system, which may remove the one that it is given. O(jobs). */
  forEachOf(system: number, visit: (slot: number) => void): void {
    for (let list = 0; list < this.count + 3; list++) {
      for (let slot = this.#lists.first(list); slot !== NONE; ) {
        const next = this.#lists.next(slot)
        if (this.#system[slot] === system) visit(slot)
        slot = next
      }
    }
  }

  #grow(capacity: number, movedFrom: Int32Array): void {
    const [system, queuedIn, queuedAt, payload] = [this.#system, this.#queuedIn, this.#queuedAt, this.#payload]
    this.#system = new Int32Array(capacity)
    this.#queuedIn = new Int32Array(capacity)
    this.#queuedAt = new Float64Array(capacity)
    this.#payload = new Array<unknown>(capacity).fill(undefined)
    for (let slot = 0; slot < capacity; slot++) {
      const from = movedFrom[slot]!
      if (from === NONE) continue
      this.#system[slot] = system[from]!
      this.#queuedIn[slot] = queuedIn[from]!
      this.#queuedAt[slot] = queuedAt[from]!
      this.#payload[slot] = payload[from]
    }
  }
}
