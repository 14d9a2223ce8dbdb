import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { createMemoryStore } from '../store/memory-store.ts'
import type { PulseStore, StoreChanges } from '../store/pulse-store.ts'
import type { SimulatedFaults } from './simulated-faults.ts'
import type { Witness } from './witness/witness.ts'

export interface SimulatedStoreOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly faults: SimulatedFaults
  readonly witness: Witness
}

const LONGEST_COMMIT_MS = 20

/** A disk, and what is on it: it outlives processes, and what is asked of it takes its time, and may fail. */
export class SimulatedStore {
  readonly #options: SimulatedStoreOptions
  readonly #kept: PulseStore
  #brokenUntil = 0
  /** A commit that the end of the process may come before, or after. */
  #underWay: StoreChanges | undefined

  constructor(options: SimulatedStoreOptions) {
    this.#options = options
    this.#kept = createMemoryStore({ clock: options.clock })
  }

  /** Whether commits fail now. */
  get isBroken(): boolean {
    return this.#options.clock.now() < this.#brokenUntil
  }

  breakDown(ms: number): void {
    this.#brokenUntil = this.#options.clock.now() + ms
  }

  /** As a process has it: closed, it takes no more, and what it was asked for before is done, or lost with the process. */
  openFor(clock: Clock): PulseStore {
    const kept = this.#kept
    let isClosed = false
    return {
      open: () => kept.open(),
      commit: (changes) =>
        isClosed
          ? Promise.reject(new MillraceError('STORE_CLOSED', 'the simulated store is closed'))
          : this.#commit(changes, clock),
      deadLetters: (limit) => kept.deadLetters(limit),
      [Symbol.asyncDispose]: async () => {
        isClosed = true
      },
    }
  }

  /** The process ends: what it asked for last is kept, or is not. */
  async cut(): Promise<void> {
    const { random } = this.#options
    const changes = this.#underWay
    this.#underWay = undefined
    if (changes !== undefined && random() < 0.5) await this.#keep(changes)
    await this.#kept[Symbol.asyncDispose]()
  }

  #commit(changes: StoreChanges, clock: Clock): Promise<void> {
    const { random, faults, witness } = this.#options
    witness.store.asked(changes)
    this.#underWay = changes
    const ms = Math.floor(random() * LONGEST_COMMIT_MS)
    const isLost = random() < faults.commits
    return new Promise((resolve, reject) => {
      clock.after(ms, () => {
        this.#underWay = undefined
        const isFailing = isLost || this.isBroken
        witness.scene.storeDone(isFailing)
        if (isFailing) reject(new MillraceError('STORE_FAILED', 'the simulated store does not work'))
        else this.#keep(changes).then(resolve, reject)
      })
    })
  }

  #keep(changes: StoreChanges): Promise<void> {
    this.#options.witness.store.kept(changes)
    return this.#kept.commit(changes)
  }
}
