import type { Codec } from '../codec/codec.ts'
import { MARK, type TaskMessage, type ToWorker } from '../protocol.ts'
import { PackWriter } from '../worker/packed.ts'
import type { Orphan } from './transport.ts'

const NOBODY = -1

export interface MailLineOptions {
  readonly threads: number
  readonly isServing: (seat: number) => boolean
  /** @throws what the host throws for a message that cannot be cloned. */
  readonly post: (seat: number, message: ToWorker, transfer: readonly ArrayBuffer[]) => void
}

/** A task that goes by message. */
interface Letter {
  readonly ticket: number
  readonly task: number
  /** Writes the input; without, it is cloned. */
  readonly codec: Codec<unknown> | undefined
  readonly input: unknown
  readonly transfer: readonly ArrayBuffer[] | undefined
  seat: number
  progress: number
  /** Whether its worker may have begun with it. */
  started: boolean
  /** Whether what it transfers is gone. */
  posted: boolean
}

/** What a seat's worker was given and has not answered. */
class Desk {
  /** In the order in which the worker does it. */
  readonly letters = new Set<Letter>()
  /** Those that are still to be posted: in a pack, or as they are. One of the two is empty, lest the order is lost. */
  readonly pack = new PackWriter()
  packed: Letter[] = []
  plain: Letter[] = []
}

/**
 * The way through messages: each task is given to the worker that has the fewest, many in a message.
 *
 * What a worker was given it alone does, in order, so little is given ahead. Letters are kept until they are answered: a
 * worker that dies leaves them to the others.
 */
export class MailLine {
  readonly #options: MailLineOptions
  readonly #desks: readonly Desk[]
  readonly #letters = new Map<number, Letter>()
  /** Of workers that died, to be given out again. */
  #returned: Letter[] = []
  /** What could not be posted, until `flush` tells. */
  #faults: { readonly ticket: number; readonly error: unknown }[] = []

  constructor(options: MailLineOptions) {
    this.#options = options
    this.#desks = Array.from({ length: options.threads }, () => new Desk())
  }

  /** Tasks that were taken and not answered. */
  get inFlight(): number {
    return this.#letters.size
  }

  /**
   * Takes a task, unless every worker has `mostEach`; returns whether it did.
   * @throws {MillraceError} `CODEC_MISMATCH`.
   */
  tryHand(
    ticket: number,
    task: number,
    codec: Codec<unknown> | undefined,
    input: unknown,
    transfer: readonly ArrayBuffer[] | undefined,
    mostEach: number,
  ): boolean {
    const seat = this.#idlest(mostEach)
    if (seat === NOBODY) return false
    const letter = { ticket, task, codec, input, transfer, seat, progress: 0, started: false, posted: false }
    this.#give(letter, seat)
    this.#letters.set(ticket, letter)
    return true
  }

  /** Posts what was given out, a message each worker; `onFault` hears of what cannot be cloned. */
  flush(onFault: (ticket: number, error: unknown) => void): void {
    if (this.#returned.length > 0) this.#giveReturned()
    for (let seat = 0; seat < this.#desks.length; seat++) this.#postAll(seat)
    if (this.#faults.length === 0) return
    const faults = this.#faults
    this.#faults = []
    for (const { ticket, error } of faults) onFault(ticket, error)
  }

  cancel(ticket: number): void {
    const letter = this.#letters.get(ticket)
    if (letter !== undefined && letter.seat !== NOBODY) this.#options.post(letter.seat, [MARK, 'cancel', [ticket]], [])
  }

  /** Takes a task back that is with no worker. */
  withdraw(ticket: number): boolean {
    const letter = this.#letters.get(ticket)
    if (letter?.seat !== NOBODY) return false
    this.#returned.splice(this.#returned.indexOf(letter), 1)
    return this.#letters.delete(ticket)
  }

  progressOf(ticket: number): number {
    return this.#letters.get(ticket)?.progress ?? 0
  }

  /** The seat whose worker runs the task, or -1. */
  seatOf(ticket: number): number {
    const letter = this.#letters.get(ticket)
    return letter?.started === true ? letter.seat : NOBODY
  }

  /** The seat's worker begins with the next `tasks`. */
  started(seat: number, tasks: number): void {
    let count = 0
    for (const letter of this.#desks[seat]!.letters) {
      if (count++ === tasks) return
      letter.started = true
    }
  }

  progress(ticket: number, fraction: number): void {
    const letter = this.#letters.get(ticket)
    if (letter !== undefined) letter.progress = fraction
  }

  /** Notes the answer to a task and returns its number, or -1 when it was not given to this seat. */
  answered(seat: number, ticket: number): number {
    const letter = this.#letters.get(ticket)
    if (letter === undefined || letter.seat !== seat) return NOBODY
    this.#letters.delete(ticket)
    this.#desks[seat]!.letters.delete(letter)
    return letter.task
  }

  orphansOf(seat: number, place: number): Orphan[] {
    const desk = this.#desks[seat]!
    const letters = [...desk.letters]
    desk.letters.clear()
    desk.pack.take()
    desk.packed = []
    desk.plain = []
    for (const letter of letters) letter.seat = NOBODY
    return letters.map(({ ticket, started }) => ({ ticket, place, started }))
  }

  /** Gives an orphan to another worker as soon as there is one; returns false when its input was transferred. */
  again(ticket: number): boolean {
    const letter = this.#letters.get(ticket)
    if (letter === undefined) return false
    if (letter.posted && letter.codec === undefined && (letter.transfer?.length ?? 0) > 0) return false
    letter.started = false
    letter.progress = 0
    this.#returned.push(letter)
    return true
  }

  forget(ticket: number): void {
    this.#letters.delete(ticket)
  }

  #giveReturned(): void {
    const letters = this.#returned
    this.#returned = []
    for (const letter of letters) {
      const seat = this.#idlest(Number.POSITIVE_INFINITY)
      if (seat === NOBODY) this.#returned.push(letter)
      else {
        try {
          this.#give(letter, seat)
        } catch (error) {
          this.#letters.delete(letter.ticket)
          this.#faults.push({ ticket: letter.ticket, error })
        }
      }
    }
  }

  #give(letter: Letter, seat: number): void {
    const desk = this.#desks[seat]!
    const { ticket, task, codec, input } = letter
    if (codec !== undefined && desk.plain.length > 0) this.#postAll(seat)
    if (codec !== undefined && desk.pack.add(ticket, task, codec, input)) desk.packed.push(letter)
    else {
      if (desk.packed.length > 0) this.#postAll(seat)
      desk.plain.push(letter)
    }
    letter.seat = seat
    desk.letters.add(letter)
  }

  #postAll(seat: number): void {
    const desk = this.#desks[seat]!
    if (desk.packed.length > 0) {
      const pack = desk.pack.take()
      for (const letter of desk.packed) letter.posted = true
      desk.packed = []
      this.#options.post(seat, [MARK, 'packed', pack], [pack])
    } else if (desk.plain.length > 0) {
      const letters = desk.plain
      desk.plain = []
      if (this.#post(seat, letters) === undefined) return
      // One of them spoils the message for all: each by itself, then.
      for (const letter of letters) {
        const failure = this.#post(seat, [letter])
        if (failure === undefined) continue
        this.answered(seat, letter.ticket)
        this.#faults.push({ ticket: letter.ticket, error: failure.error })
      }
    }
  }

  #post(seat: number, letters: readonly Letter[]): { readonly error: unknown } | undefined {
    const tasks = letters.map(({ ticket, task, input }): TaskMessage => [ticket, task, input])
    const transfer = letters.flatMap((letter) => letter.transfer ?? [])
    try {
      this.#options.post(seat, [MARK, 'tasks', tasks], transfer)
    } catch (error) {
      return { error }
    }
    for (const letter of letters) letter.posted = true
    return undefined
  }

  #idlest(mostEach: number): number {
    let idlest = NOBODY
    let fewest = mostEach
    for (let seat = 0; seat < this.#desks.length && fewest > 0; seat++) {
      const { size } = this.#desks[seat]!.letters
      if (size < fewest && this.#options.isServing(seat)) {
        idlest = seat
        fewest = size
      }
    }
    return idlest
  }
}
