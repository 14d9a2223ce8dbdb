import type { Codec } from '../codec/codec.ts'
import type { Parcel } from '../dispatch/parcel.ts'
import { entryTicket, MOST_ENTRIES } from '../parcel/parcel-layout.ts'
import { MARK, type TaskMessage, type ToWorker } from '../protocol.ts'
import { inputNotClonable } from '../task/value-faults.ts'
import { faultOf } from '../worker/fault.ts'
import { PackWriter } from '../worker/packed.ts'
import { Letter } from './letter.ts'

const NOBODY = -1

export interface MailLineOptions {
  readonly threads: number
  readonly isServing: (seat: number) => boolean
  /** @throws what the host throws for a message that cannot be cloned. */
  readonly post: (seat: number, message: ToWorker, transfer: readonly ArrayBuffer[]) => void
}

interface Entry {
  readonly letter: Letter
  readonly entry: number
}

/** What a seat's worker was given and has not answered. */
class Desk {
  /** In the order in which the worker does them. */
  readonly letters = new Set<Letter>()
  /** Entries of theirs without an answer. */
  tasks = 0
  /** Those that are still to be posted: in a pack, or as they are. One of the two is empty, lest the order is lost. */
  readonly pack = new PackWriter()
  plain: Entry[] = []
}

/**
 * The way through messages: each parcel is given to the worker that has the fewest tasks, many in a message.
 *
 * What a worker was given it alone does, in order, so little is given ahead. Letters are kept until they are answered:
 * a worker that dies leaves them to the others.
 */
export class MailLine {
  /** Tasks that were taken and not answered. */
  inFlight = 0
  readonly #options: MailLineOptions
  readonly #desks: readonly Desk[]
  readonly #letters = new Map<Parcel, Letter>()
  /** Of workers that died, to be given out again. */
  #returned: Letter[] = []
  /** What could not be posted, until `flush` tells. */
  #faults: (Entry & { readonly error: unknown })[] = []

  constructor(options: MailLineOptions) {
    this.#options = options
    this.#desks = Array.from({ length: options.threads }, () => new Desk())
  }

  /**
   * Begins a parcel, unless every worker has `mostEach` tasks; returns whether it did.
   * @throws {MillraceError} `CODEC_MISMATCH`.
   */
  open(
    parcel: Parcel,
    codec: Codec<unknown> | undefined,
    input: unknown,
    transfer: readonly ArrayBuffer[] | undefined,
    mostEach: number,
  ): boolean {
    const seat = this.#idlest(mostEach)
    if (seat === NOBODY) return false
    const letter = new Letter(parcel, codec, transfer)
    letter.seat = seat
    this.#give(letter, 0, input)
    this.#desks[seat]!.letters.add(letter)
    this.#letters.set(parcel, letter)
    return true
  }

  /** @throws {MillraceError} `CODEC_MISMATCH`. */
  add(parcel: Parcel, input: unknown): boolean {
    const letter = this.#letters.get(parcel)
    if (letter === undefined || letter.inputs.length === MOST_ENTRIES) return false
    this.#give(letter, letter.inputs.length, input)
    return true
  }

  /** Posts what was given out, a message each worker; `onFault` hears of what cannot be cloned. */
  flush(onFault: (parcel: Parcel, entry: number, error: unknown) => void): void {
    if (this.#returned.length > 0) this.#giveReturned()
    for (let seat = 0; seat < this.#desks.length; seat++) this.#postAll(seat)
    if (this.#faults.length === 0) return
    const faults = this.#faults
    this.#faults = []
    for (const { letter, entry, error } of faults) {
      this.#note(letter, entry)
      onFault(letter.parcel, entry, error)
    }
  }

  cancel(parcel: Parcel, entry: number): void {
    const seat = this.#letters.get(parcel)?.seat ?? NOBODY
    if (seat !== NOBODY) this.#options.post(seat, [MARK, 'cancel', [entryTicket(parcel.ticket, entry)]], [])
  }

  /** Takes a parcel back that is with no worker. */
  withdraw(parcel: Parcel): boolean {
    const letter = this.#letters.get(parcel)
    if (letter === undefined || letter.seat !== NOBODY) return false
    this.#returned = this.#returned.filter((other) => other !== letter)
    this.forget(parcel)
    return true
  }

  progressOf(parcel: Parcel, entry: number): number {
    const letter = this.#letters.get(parcel)
    return letter?.told === entry ? letter.fraction : 0
  }

  /** The seat whose worker runs the entry, or -1. */
  seatOf(parcel: Parcel, entry: number): number {
    const letter = this.#letters.get(parcel)
    return letter !== undefined && entry < letter.begun && letter.awaits(entry) ? letter.seat : NOBODY
  }

  /** Whether an entry has no answer. */
  awaits(parcel: Parcel, entry: number): boolean {
    return this.#letters.get(parcel)?.awaits(entry) === true
  }

  /** The seat's worker begins with the next `tasks`. */
  started(seat: number, tasks: number): void {
    let left = tasks
    for (const letter of this.#desks[seat]!.letters) {
      left = letter.begin(left)
      if (left === 0) return
    }
  }

  progress(parcel: Parcel, entry: number, fraction: number): void {
    const letter = this.#letters.get(parcel)
    if (letter === undefined) return
    letter.told = entry
    letter.fraction = fraction
  }

  /** Notes the answer to an entry; returns whether there was none and it was given to this seat. */
  answered(seat: number, parcel: Parcel, entry: number): boolean {
    const letter = this.#letters.get(parcel)
    if (letter === undefined || letter.seat !== seat || !letter.awaits(entry)) return false
    this.#note(letter, entry)
    return true
  }

  /** Whether a parcel has all its answers; it is forgotten then. */
  isOver(parcel: Parcel): boolean {
    const letter = this.#letters.get(parcel)
    if (letter === undefined || letter.left > 0) return false
    this.#letters.delete(parcel)
    return true
  }

  /** What the seat's worker left behind, and how many entries of each it may have begun. */
  orphansOf(seat: number): { readonly parcel: Parcel; readonly begun: number }[] {
    const desk = this.#desks[seat]!
    const letters = [...desk.letters]
    desk.letters.clear()
    desk.tasks = 0
    desk.pack.take()
    desk.plain = []
    for (const letter of letters) letter.seat = NOBODY
    return letters.map(({ parcel, begun }) => ({ parcel, begun }))
  }

  /**
   * Gives what is wanted of an orphan to another worker as soon as there is one; returns false when its input was
   * transferred.
   */
  again(parcel: Parcel): boolean {
    const letter = this.#letters.get(parcel)
    if (letter === undefined) return false
    if (letter.isPosted && letter.codec === undefined && (letter.transfer?.length ?? 0) > 0) return false
    this.#returned.push(letter)
    return true
  }

  forget(parcel: Parcel): void {
    const letter = this.#letters.get(parcel)
    if (letter === undefined) return
    this.inFlight -= letter.left
    this.#letters.delete(parcel)
  }

  #note(letter: Letter, entry: number): void {
    if (!letter.awaits(entry)) return
    letter.answer(entry)
    this.inFlight--
    const desk = this.#desks[letter.seat]
    if (desk === undefined) return
    desk.tasks--
    if (letter.left === 0) desk.letters.delete(letter)
  }

  #giveReturned(): void {
    const letters = this.#returned
    this.#returned = []
    for (const letter of letters) {
      const seat = this.#idlest(Number.POSITIVE_INFINITY)
      if (seat === NOBODY) this.#returned.push(letter)
      else this.#giveAgain(letter, seat)
    }
  }

  #giveAgain(letter: Letter, seat: number): void {
    const desk = this.#desks[seat]!
    letter.seat = seat
    letter.begun = 0
    desk.letters.add(letter)
    for (let entry = 0; entry < letter.inputs.length; entry++) {
      if (!letter.awaits(entry)) continue
      desk.tasks++
      if (!letter.parcel.isWanted(entry)) this.#note(letter, entry)
      else {
        try {
          this.#put({ letter, entry }, letter.inputs[entry])
        } catch (error) {
          this.#faults.push({ letter, entry, error })
        }
      }
    }
  }

  /** Adds an entry to a letter, for its worker. */
  #give(letter: Letter, entry: number, input: unknown): void {
    this.#put({ letter, entry }, input)
    letter.add(input)
    this.#desks[letter.seat]!.tasks++
    this.inFlight++
  }

  /** @throws {MillraceError} `CODEC_MISMATCH`. */
  #put(each: Entry, input: unknown): void {
    const { parcel, codec, seat } = each.letter
    const desk = this.#desks[seat]!
    if (codec !== undefined) {
      if (desk.plain.length > 0) this.#postAll(seat)
      if (desk.pack.add(entryTicket(parcel.ticket, each.entry), parcel.task, codec, input)) return
    }
    if (desk.pack.bytes > 0) this.#postAll(seat)
    desk.plain.push(each)
  }

  #postAll(seat: number): void {
    const desk = this.#desks[seat]!
    if (desk.pack.bytes > 0) {
      const pack = desk.pack.take()
      this.#options.post(seat, [MARK, 'packed', pack], [pack])
    } else if (desk.plain.length > 0) {
      const entries = desk.plain
      desk.plain = []
      if (this.#post(seat, entries) === undefined) return
      // One of them spoils the message for all: each by itself, then.
      for (const each of entries) {
        const failure = this.#post(seat, [each])
        if (failure !== undefined)
          this.#faults.push({ ...each, error: inputNotClonable(faultOf(failure.error).message) })
      }
    }
  }

  #post(seat: number, entries: readonly Entry[]): { readonly error: unknown } | undefined {
    const tasks = entries.map(
      ({ letter: { parcel, inputs }, entry }): TaskMessage => [
        entryTicket(parcel.ticket, entry),
        parcel.task,
        inputs[entry],
      ],
    )
    const transfer = entries.flatMap(({ letter }) => letter.transfer ?? [])
    try {
      this.#options.post(seat, [MARK, 'tasks', tasks], transfer)
    } catch (error) {
      return { error }
    }
    for (const { letter } of entries) letter.isPosted = true
    return undefined
  }

  #idlest(mostEach: number): number {
    let idlest = NOBODY
    let fewest = mostEach
    for (let seat = 0; seat < this.#desks.length && fewest > 0; seat++) {
      const { tasks } = this.#desks[seat]!
      if (tasks < fewest && this.#options.isServing(seat)) {
        idlest = seat
        fewest = tasks
      }
    }
    return idlest
  }
}
