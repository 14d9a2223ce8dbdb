import { Settle, type Ticket } from '../../src/deliver/settle.ts'

/** Hands out the bare slot, without its generation: a late answer settles the next item in the slot. */
export class ReusedTicketSettle<T extends NonNullable<unknown>> extends Settle<T> {
  readonly #current = new Map<number, Ticket>()

  override open(item: T): Ticket {
    const ticket = super.open(item)
    if (ticket === -1) return ticket
    const slot = super.slotOf(ticket)
    this.#current.set(slot, ticket)
    return slot
  }

  override slotOf(ticket: Ticket): number {
    return super.slotOf(this.#current.get(ticket) ?? -1)
  }
}
