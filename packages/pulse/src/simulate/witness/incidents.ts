import { Flag } from '../../monitors/monitor-table.ts'

/** The incidents there are, with numbers of their own: one at a time of a monitor. */
export class Incidents {
  readonly #number: Uint32Array
  readonly #isOpen: Uint8Array
  readonly #isAcknowledged: Uint8Array
  #last = 0

  /** @param monitors is how many there are. */
  constructor(monitors: number) {
    this.#number = new Uint32Array(monitors)
    this.#isOpen = new Uint8Array(monitors)
    this.#isAcknowledged = new Uint8Array(monitors)
  }

  /** Of the one that is open, or was last; 0 if there was none. */
  numberOf(monitor: number): number {
    return this.#number[monitor]!
  }

  isOpen(monitor: number): boolean {
    return this.#isOpen[monitor] === 1
  }

  isAcknowledged(monitor: number): boolean {
    return this.#isAcknowledged[monitor] === 1
  }

  /** Unless it is. */
  open(monitor: number): void {
    if (this.isOpen(monitor)) return
    this.#isOpen[monitor] = 1
    this.#number[monitor] = ++this.#last
    this.#isAcknowledged[monitor] = 0
  }

  close(monitor: number): void {
    this.#isOpen[monitor] = 0
    this.#isAcknowledged[monitor] = 0
  }

  acknowledged(monitor: number): void {
    if (this.isOpen(monitor)) this.#isAcknowledged[monitor] = 1
  }

  /** A monitor is there, as what was kept of it says. @param flags are those of its record. */
  entered(monitor: number, number: number, flags: number): void {
    this.#number[monitor] = number
    this.#isOpen[monitor] = (flags & Flag.INCIDENT) === 0 ? 0 : 1
    this.#isAcknowledged[monitor] = (flags & Flag.ACKNOWLEDGED) === 0 ? 0 : 1
  }
}
