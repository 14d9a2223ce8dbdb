import { expect } from 'vitest'
import { Job } from '../../src/dispatch/job.ts'
import { Parcel } from '../../src/dispatch/parcel.ts'
import { entryIn, ticketIn } from '../../src/parcel/parcel-layout.ts'
import type { ResultMessage } from '../../src/protocol.ts'

interface Account {
  /** How often a worker began with it, and how often it may have. */
  starts: number
  mayStart: number
  readonly outcomes: unknown[]
}

const nobody = { done: () => {}, failed: () => {} }

/** What was handed to a line, and what became of it: plays the pool that stands behind a line, and keeps count. */
export class Books {
  readonly accounts: Account[] = []
  readonly open = new Map<number, Parcel>()
  #tickets = 0

  newParcel(kind = 0): Parcel {
    const parcel = new Parcel(this.#tickets)
    parcel.task = kind
    parcel.ticket = this.#tickets++
    return parcel
  }

  /** The number by which the next task is known. */
  get next(): number {
    return this.accounts.length
  }

  /** Notes that the line has taken the next task. */
  add(parcel: Parcel): void {
    parcel.add(new Job('played', undefined, 0, nobody), this.next)
    this.open.set(parcel.ticket, parcel)
    this.accounts.push({ starts: 0, mayStart: 1, outcomes: [] })
  }

  start(id: number): void {
    this.accounts[id]!.starts++
  }

  readonly onOutput = (parcel: Parcel, entry: number, outcome: unknown): void => {
    if (parcel.take(entry) !== undefined) this.accounts[parcel.sequences[entry]!]!.outcomes.push(outcome)
  }

  readonly onOver = (parcel: Parcel): void => {
    expect(parcel.wanted, `parcel ${parcel.ticket} is over before its time`).toBe(0)
    this.open.delete(parcel.ticket)
  }

  readonly onCut = (parcel: Parcel, from: number): Parcel => {
    const rest = this.newParcel()
    parcel.split(from, rest)
    this.open.set(rest.ticket, rest)
    return rest
  }

  /** Takes results in, and calls `answered` for each that belongs to an open parcel. */
  hear(results: readonly ResultMessage[], answered: (parcel: Parcel, entry: number) => void): void {
    for (const [ticket, done, value] of results) {
      const parcel = this.open.get(ticketIn(ticket))
      if (parcel === undefined) continue
      this.onOutput(parcel, entryIn(ticket), done ? value : value.message)
      answered(parcel, entryIn(ticket))
    }
  }

  /**
   * Settles what of an orphan cannot run again: what was begun, unless all of it may; returns whether anything is left.
   */
  bury(parcel: Parcel, begun: number, mayRunAgain: boolean): boolean {
    for (let entry = 0; entry < begun; entry++) {
      if (!parcel.isWanted(entry)) continue
      if (mayRunAgain) this.accounts[parcel.sequences[entry]!]!.mayStart++
      else this.onOutput(parcel, entry, lost(parcel.sequences[entry]!))
    }
    return parcel.wanted > 0
  }

  /** An entry whose caller still waits, if there is one. */
  wanted(which: number): { readonly parcel: Parcel; readonly entry: number } | undefined {
    const all = [...this.open.values()].flatMap((parcel) =>
      parcel.jobs.slice(0, parcel.count).flatMap((job, entry) => (job === undefined ? [] : [{ parcel, entry }])),
    )
    return all[which % Math.max(1, all.length)]
  }

  /** Each task has one outcome, its own, and began no more often than it may. */
  check(idOf: (outcome: unknown) => number | undefined): void {
    expect(this.open.size, 'parcels that are not over').toBe(0)
    for (const [id, { starts, mayStart, outcomes }] of this.accounts.entries()) {
      expect(outcomes, `task ${id} has ${outcomes.length} outcomes`).toHaveLength(1)
      expect(idOf(outcomes[0]), `task ${id} has the outcome of another`).toBe(id)
      expect(starts, `task ${id} began too often`).toBeLessThanOrEqual(mayStart)
    }
  }
}

/** Outcomes that no worker gives. */
export function lost(id: number): string {
  return `lost ${id}`
}

export function cancelled(id: number): string {
  return `cancelled ${id}`
}
