import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { float64Array } from '../../src/codec/typed-arrays.ts'
import type { Parcel } from '../../src/dispatch/parcel.ts'
import { entryIn, ticketIn } from '../../src/parcel/parcel-layout.ts'
import type { ToWorker } from '../../src/protocol.ts'
import { MailLine } from '../../src/transport/mail-line.ts'
import { MailDesk } from '../../src/worker/mail-desk.ts'
import { OwnMemory } from '../../src/worker/own-memory.ts'
import { Pace } from '../../src/worker/pace.ts'
import { PackReader } from '../../src/worker/packed.ts'
import { CarelessMailLine } from '../mutants/careless-mail-line.ts'
import { FreshMailLine } from '../mutants/fresh-mail-line.ts'
import { Books, cancelled, lost } from './books.ts'
import { PlayedWorker, type Running } from './played-worker.ts'

const WORKERS = 2
const MOST_EACH = 8
const [CLONED, CODED] = [0, 1]
const kinds = [
  { input: undefined, output: undefined },
  { input: float64Array, output: float64Array },
]

const worker = fc.integer({ min: 0, max: WORKERS - 1 })
const cloned = fc.record({
  kind: fc.constant(CLONED),
  count: fc.integer({ min: 1, max: 4 }),
  /** The entry that cannot be cloned, if it is there. */
  spoilt: fc.integer({ min: 0, max: 8 }),
  transfers: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
})
const coded = fc.record({
  kind: fc.constant(CODED),
  count: fc.integer({ min: 1, max: 4 }),
  spoilt: fc.constant(8),
  transfers: fc.constant(false),
})
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      parcels: fc.array(fc.oneof(cloned, coded), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('receive' as const), worker }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('begin' as const), worker }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      worker,
      as: fc.constantFrom<'value' | 'clone' | 'fault'>('value', 'value', 'clone', 'fault'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('hear' as const), worker }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), worker, mayRunAgain: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rise' as const), worker }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Put = Extract<Step, { readonly kind: 'put' }>['parcels'][number]

interface Seat {
  readonly worker: PlayedWorker<MailDesk>
  /** Messages on their way to it. */
  inbox: ToWorker[]
}

/** A line, its workers, and the pool behind it. */
class Stage {
  readonly books = new Books()
  readonly #line: MailLine
  readonly #seats: (Seat | undefined)[]

  constructor(Line: typeof MailLine) {
    this.#seats = Array.from({ length: WORKERS }, () => this.#rise())
    this.#line = new Line({
      threads: WORKERS,
      isServing: (seat) => this.#seats[seat] !== undefined,
      post: (seat, message, transfer) =>
        this.#seats[seat]?.inbox.push(structuredClone(message, { transfer: [...transfer] })),
    })
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'put') this.#put(step.parcels)
    else if (step.kind === 'cancel') this.#cancel(step.which)
    else if (step.kind === 'rise') this.#seats[step.worker] ??= this.#rise()
    else if (step.kind === 'receive') this.#receive(step.worker)
    else if (step.kind === 'begin') this.#seats[step.worker]?.worker.begin(fail)
    else if (step.kind === 'end') await this.#seats[step.worker]?.worker.end((running) => end(running, step.as))
    else if (step.kind === 'hear') this.#hear(step.worker)
    else this.#die(step.worker, step.mayRunAgain)
  }

  /** Everybody does what is left; then there is nothing left anywhere. */
  async finish(): Promise<void> {
    for (let seat = 0; seat < WORKERS; seat++) this.#seats[seat] ??= this.#rise()
    const rounds = 4 * this.books.next + 4
    for (let round = 0; round < rounds && this.books.open.size > 0; round++) {
      for (let seat = 0; seat < WORKERS; seat++) {
        this.#flush()
        this.#receive(seat)
        const { worker } = this.#seats[seat]!
        worker.begin(fail)
        await worker.end((running) => end(running, 'value'))
        worker.rest()
        this.#hear(seat)
      }
    }
    this.books.check(idOf)
    expect(this.#line.inFlight).toBe(0)
    // Nobody counts as busy.
    for (let seat = 0; seat < WORKERS; seat++) {
      expect(this.#line.open(this.books.newParcel(), undefined, 0, undefined, 1)).toBe(true)
    }
    expect(this.#line.open(this.books.newParcel(), undefined, 0, undefined, 1)).toBe(false)
  }

  #rise(): Seat {
    const begin = (input: unknown) => this.books.start(idOf(input)!)
    const worker = new PlayedWorker(kinds, begin, (tasks, outbox, channel) => {
      return new MailDesk(tasks, channel, outbox, new Pace(kinds.length), new OwnMemory())
    })
    return { worker, inbox: [] }
  }

  #put(puts: readonly Put[]): void {
    for (const { kind, count, spoilt, transfers } of puts) {
      const parcel = this.books.newParcel(kind)
      const codec = kinds[kind]!.input
      const buffer = new ArrayBuffer(8)
      const transfer = transfers ? [buffer] : undefined
      const input = (entry: number) => inputOf(this.books.next, kind, entry === spoilt, buffer)
      if (!this.#line.open(parcel, codec, input(0), transfer, MOST_EACH)) break
      this.books.add(parcel)
      // What transfers travels alone.
      for (let entry = 1; entry < count && !transfers; entry++) {
        if (this.#line.add(parcel, input(entry))) this.books.add(parcel)
      }
    }
    this.#flush()
  }

  #flush(): void {
    this.#line.flush((parcel, entry) => {
      this.books.onOutput(parcel, entry, `unclonable ${parcel.sequences[entry]}`)
      this.#settle(parcel)
    })
  }

  #receive(seat: number): void {
    const { worker, inbox } = this.#seats[seat] ?? {}
    if (worker === undefined || inbox === undefined) return
    for (const message of inbox.splice(0)) {
      if (message[1] === 'tasks') worker.desk.receive(message[2])
      else if (message[1] === 'packed') worker.desk.receivePack(message[2])
      else if (message[1] === 'cancel') worker.desk.cancel(message[2])
    }
  }

  #hear(seat: number): void {
    for (const message of this.#seats[seat]?.worker.posted() ?? []) {
      if (message[1] === 'started') this.#line.started(seat, message[3])
      else if (message[1] === 'packed') this.#hearPack(seat, message[2])
      else if (message[1] === 'results') {
        this.books.hear(message[2], (parcel, entry) => {
          if (this.#line.answered(seat, parcel, entry)) this.#settle(parcel)
        })
      }
    }
  }

  #hearPack(seat: number, pack: ArrayBuffer): void {
    for (const reader = new PackReader(pack); reader.next(); ) {
      const parcel = this.books.open.get(ticketIn(reader.ticket))
      const entry = entryIn(reader.ticket)
      if (parcel === undefined || !this.#line.answered(seat, parcel, entry)) continue
      this.books.onOutput(parcel, entry, reader.decode(float64Array))
      this.#settle(parcel)
    }
  }

  #settle(parcel: Parcel): void {
    if (this.#line.isOver(parcel)) this.books.onOver(parcel)
  }

  #cancel(which: number): void {
    const { parcel, entry } = this.books.wanted(which) ?? {}
    if (parcel === undefined || entry === undefined) return
    this.books.onOutput(parcel, entry, cancelled(parcel.sequences[entry]!))
    this.#line.cancel(parcel, entry)
    if (parcel.wanted === 0 && this.#line.withdraw(parcel)) this.books.onOver(parcel)
  }

  #die(seat: number, mayRunAgain: boolean): void {
    if (this.#seats[seat] === undefined) return
    // What it had posted arrives.
    this.#hear(seat)
    this.#seats[seat] = undefined
    for (const { parcel, begun } of this.#line.orphansOf(seat)) {
      if (this.books.bury(parcel, begun, mayRunAgain) && this.#line.again(parcel)) continue
      for (let entry = 0; entry < parcel.count; entry++) {
        this.books.onOutput(parcel, entry, lost(parcel.sequences[entry]!))
      }
      this.#line.forget(parcel)
      this.books.onOver(parcel)
    }
    this.#flush()
  }
}

function losesNothing(Line: typeof MailLine): fc.IRawProperty<unknown> {
  return fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
    const stage = new Stage(Line)
    for (const each of steps) await stage.take(each)
    await stage.finish()
  })
}

it('gives each task of each message one outcome, its own, whatever workers and callers do', () =>
  holds(losesNothing(MailLine), 400))
it('is caught when a message that cannot be cloned takes all that is in it along', () =>
  fails(losesNothing(CarelessMailLine)))
it('is caught when what had begun counts as fresh', () => fails(losesNothing(FreshMailLine)))

function inputOf(id: number, kind: number, isSpoilt: boolean, buffer: ArrayBuffer): unknown {
  if (kind === CODED) return Float64Array.of(id, id)
  return isSpoilt ? { id, act: () => id } : { id, buffer }
}

function end({ input, resolve, reject }: Running, as: 'value' | 'clone' | 'fault'): void {
  const id = idOf(input)!
  if (as === 'fault') reject(new Error(`fault ${id}`))
  else resolve(as === 'clone' ? { id } : Float64Array.of(id, id))
}

/** Whose outcome, or input, it is; undefined when it is damaged. */
function idOf(value: unknown): number | undefined {
  if (typeof value === 'string') return Number(value.split(' ')[1])
  if (!(value instanceof Float64Array)) return (value as { readonly id: number }).id
  return value[0] === value[1] ? value[0] : undefined
}

function fail(error: unknown): never {
  throw error
}
