import type { Budget } from '@millrace/kernel/execute/budget'
import { NONE, type SlotHandle, SlotLists } from '@millrace/kernel/queue/slot-lists'

export { NONE } from '@millrace/kernel/queue/slot-lists'

/**
 * The jobs of a controller, in columns: a first-in, first-out list for each lane, and three more, for jobs that return to
 * the front with the next frame, are held while their system is suspended, or are away, waiting for a promise. Beside each
 * lane is one for the slots of systems that have a job every frame, from one to the next.
 *
 * O(1), allocating only as it grows: 10,000 jobs take less than 1 MB. Slots move when it does, handles stay.
 */
export class JobLanes {
  /** Number of lanes. */
  readonly count: number
  readonly #lists: SlotLists
  readonly #budget: Pick<Budget, 'readAt'>
  readonly #returning: number
  readonly #held: number
  readonly #away: number
  /** Slots that are no jobs now. */
  #parked = 0
  /** Of each slot: its system, and the frame before which its waiting begins. */
  #facts: Int32Array
  #queuedAt: Float64Array
  /** How often a job has thrown, up to 65,535. */
  #throws: Uint16Array
  #payload: unknown[]

  /** @param budget tells what the clock showed last: PERF: as an argument of `push` that would be a heap object each */
  constructor(lanes: number, budget: Pick<Budget, 'readAt'>) {
    this.#budget = budget
    this.count = lanes
    this.#returning = 2 * lanes
    this.#held = this.#returning + 1
    this.#away = this.#returning + 2
    this.#lists = new SlotLists({ lists: this.#returning + 3, onGrow: (capacity, from) => this.#grow(capacity, from) })
    const { capacity } = this.#lists
    this.#facts = new Int32Array(2 * capacity)
    this.#queuedAt = new Float64Array(capacity)
    this.#throws = new Uint16Array(capacity)
    this.#payload = new Array<unknown>(capacity).fill(undefined)
  }

  /** Jobs of all kinds. */
  get size(): number {
    return this.#lists.size - this.#parked
  }

  /** Jobs that wait for their turn, in the lanes. */
  get waiting(): number {
    const lists = this.#lists
    return this.size - lists.sizeOf(this.#returning) - lists.sizeOf(this.#held) - lists.sizeOf(this.#away)
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
  push(lane: number, system: number, frame: number, payload: unknown): number {
    const slot = this.#lists.push(lane)
    this.#facts[2 * slot] = system
    this.#facts[2 * slot + 1] = frame
    this.#queuedAt[slot] = this.#budget.readAt
    this.#throws[slot] = 0
    if (payload !== undefined) this.#payload[slot] = payload
    return slot
  }

  remove(slot: number): void {
    if (this.#payload[slot] !== undefined) this.#payload[slot] = undefined
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
    return this.#facts[2 * slot]!
  }

  /**
   * Frames that a job has waited when frame number `frame` runs: -1 when it was queued in that, and is not to run before the next.
   * Frames are counted modulo 2 ** 32.
   */
  waited(slot: number, frame: number): number {
    return (frame - 1 - this.#facts[2 * slot + 1]!) | 0
  }

  setQueuedIn(slot: number, frame: number): void {
    this.#facts[2 * slot + 1] = frame
  }

  queuedAt(slot: number): number {
    return this.#queuedAt[slot]!
  }

  /** Counts that a job has thrown once more, and returns how often it has. */
  countThrow(slot: number): number {
    this.#throws[slot]!++
    return this.#throws[slot]!
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

  /** Ends a job, and keeps its slot for the system's next one: see `unpark`. */
  park(slot: number, lane: number, frame: number): void {
    if (this.#payload[slot] !== undefined) this.#payload[slot] = undefined
    this.#facts[2 * slot + 1] = frame
    this.#queuedAt[slot] = this.#budget.readAt
    this.#throws[slot] = 0
    this.#lists.moveToBack(slot, this.count + lane)
    this.#parked++
  }

  /** Whether a slot is one that is no job now. */
  isParked(slot: number): boolean {
    const list = this.#lists.listOf(slot)
    return list >= this.count && list < this.#returning
  }

  /** Makes jobs of all that were parked, at the back of their lanes, and returns how many. */
  unpark(): number {
    const jobs = this.#parked
    if (jobs > 0) for (let lane = 0; lane < this.count; lane++) this.#lists.append(lane, this.count + lane)
    this.#parked = 0
    return jobs
  }

  /** Frees a parked slot. */
  evict(slot: number): void {
    this.#parked--
    this.#lists.remove(slot)
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
    this.#facts[2 * slot + 1] = frame
    this.#queuedAt[slot] = this.#budget.readAt
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
      lists.moveToFront(slot, laneOf(this.#facts[2 * slot]!))
    }
  }

  /** Brings what was held of a system back to the front of `lane`, as it was queued: one that was tried came last. O(n log n). */
  returnHeld(system: number, lane: number): void {
    const lists = this.#lists
    const slots: number[] = []
    for (let slot = lists.first(this.#held); slot !== NONE; slot = lists.next(slot)) {
      if (this.#facts[2 * slot] === system) slots.push(slot)
    }
    slots.sort((a, b) => lists.handleOf(b) - lists.handleOf(a))
    for (const slot of slots) lists.moveToFront(slot, lane)
  }

  /** The job that is held the longest, or `NONE`. */
  firstHeld(): number {
    return this.#lists.first(this.#held)
  }

  /** Calls `visit` with every job of a system, which may move or remove any. O(jobs). */
  forEachOf(system: number, visit: (slot: number) => void): void {
    const handles: SlotHandle[] = []
    for (let list = 0; list <= this.#away; list++) {
      for (let slot = this.#lists.first(list); slot !== NONE; ) {
        if (this.#facts[2 * slot] === system) handles.push(this.#lists.handleOf(slot))
        slot = this.#lists.next(slot)
      }
    }
    for (const handle of handles) {
      const slot = this.#lists.find(handle)
      if (slot !== NONE) visit(slot)
    }
  }

  #grow(capacity: number, movedFrom: Int32Array): void {
    const [facts, queuedAt, throws, payload] = [this.#facts, this.#queuedAt, this.#throws, this.#payload]
    this.#facts = new Int32Array(2 * capacity)
    this.#queuedAt = new Float64Array(capacity)
    this.#throws = new Uint16Array(capacity)
    this.#payload = new Array<unknown>(capacity).fill(undefined)
    for (let slot = 0; slot < capacity; slot++) {
      const from = movedFrom[slot]!
      if (from < 0) continue
      this.#facts[2 * slot] = facts[2 * from]!
      this.#facts[2 * slot + 1] = facts[2 * from + 1]!
      this.#queuedAt[slot] = queuedAt[from]!
      this.#throws[slot] = throws[from]!
      this.#payload[slot] = payload[from]
    }
  }
}
