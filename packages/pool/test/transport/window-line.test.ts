import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { float64Array } from '../../src/codec/typed-arrays.ts'
import type { Parcel } from '../../src/dispatch/parcel.ts'
import { WindowLine } from '../../src/transport/window-line.ts'
import { OwnMemory } from '../../src/worker/own-memory.ts'
import { WindowDesk } from '../../src/worker/window-desk.ts'
import { DeafWindowLine } from '../mutants/deaf-window-line.ts'
import { FreshWindowLine } from '../mutants/fresh-window-line.ts'
import { HastyWindowLine } from '../mutants/hasty-window-line.ts'
import { Books, cancelled } from './books.ts'
import { PlayedWorker, type Running } from './played-worker.ts'

const WORKERS = 2
const SLOTS = 4
/** Of inputs in a slot: three of the usual ones, or more of the small. */
const SLOT_BYTES = 128
const outputs = [{ codec: float64Array, holdsViews: true }]

const worker = fc.integer({ min: 0, max: WORKERS - 1 })
const length = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constant(40))
const answer = fc.oneof(
  { weight: 6, arbitrary: fc.record({ as: fc.constant('value' as const), length: fc.integer({ min: 1, max: 6 }) }) },
  fc.record({ as: fc.constantFrom('value', 'clone', 'fault'), length: fc.constant(60) }),
)
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      lengths: fc.array(length, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('begin' as const), worker }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('end' as const), worker, answer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('hear' as const), worker }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('drain' as const), worker }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), worker, mayRunAgain: fc.boolean() }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Answer = typeof answer extends fc.Arbitrary<infer A> ? A : never

/** A line, its workers, and the pool behind it. */
class Stage {
  readonly books = new Books()
  readonly #line: WindowLine
  readonly #workers: PlayedWorker<WindowDesk>[]

  constructor(Line: typeof WindowLine) {
    const { onOutput, onOver, onCut } = this.books
    this.#line = new Line({ threads: WORKERS, slots: SLOTS, slotBytes: SLOT_BYTES }, { onOutput, onOver, onCut })
    this.#workers = Array.from({ length: WORKERS }, (_, seat) => this.#rise(seat))
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'put') this.#put(step.lengths)
    else if (step.kind === 'begin') this.#workers[step.worker]!.begin(fail)
    else if (step.kind === 'end') await this.#workers[step.worker]!.end((running) => end(running, step.answer))
    else if (step.kind === 'hear') this.#hear(step.worker)
    else if (step.kind === 'drain') this.#drain(step.worker)
    else if (step.kind === 'cancel') this.#cancel(step.which)
    else if (step.kind === 'cut') this.#cut()
    else this.#die(step.worker, step.mayRunAgain)
  }

  /** Everybody does what is left; then there is nothing left anywhere. */
  async finish(): Promise<void> {
    const rounds = 4 * this.books.next + 4
    for (let round = 0; round < rounds && this.books.open.size > 0; round++) {
      for (let seat = 0; seat < WORKERS; seat++) {
        const each = this.#workers[seat]!
        each.begin(fail)
        await each.end((running) => end(running, { as: 'value', length: 1 }))
        this.#drain(seat)
        this.#hear(seat)
      }
    }
    this.books.check(idOf)
    expect(this.#line.inFlight).toBe(0)
    for (let slot = 0; slot < SLOTS; slot++) {
      expect(this.#line.open(this.books.newParcel(), float64Array, Float64Array.of(0))).toBeGreaterThanOrEqual(0)
    }
  }

  #rise(seat: number): PlayedWorker<WindowDesk> {
    const memory = { ...this.#line.memoryFor(seat), cancels: new SharedArrayBuffer(0) }
    const begin = (input: unknown) => this.books.start(idOf(input)!)
    return new PlayedWorker([{ input: float64Array, output: float64Array }], begin, (tasks, outbox) => {
      return new WindowDesk(seat, memory, tasks, outbox, new OwnMemory())
    })
  }

  #put([first = 1, ...others]: readonly number[]): void {
    const parcel = this.books.newParcel()
    if (this.#line.open(parcel, float64Array, arrayOf(this.books.next, first)) < 0) return
    this.books.add(parcel)
    for (const length of others) {
      if (this.#line.add(float64Array, arrayOf(this.books.next, length))) this.books.add(parcel)
    }
    this.#line.seal(parcel)
  }

  #hear(seat: number): void {
    for (const message of this.#workers[seat]!.posted()) {
      if (message[1] === 'results') this.books.hear(message[2], (parcel) => this.#line.answered(parcel))
    }
  }

  #drain(seat: number): void {
    this.#line.drain(seat, outputs, () => {})
  }

  #cancel(which: number): void {
    const { parcel, entry } = this.books.wanted(which) ?? {}
    if (parcel === undefined || entry === undefined) return
    this.#line.progressOf(parcel, entry)
    this.books.onOutput(parcel, entry, cancelled(parcel.sequences[entry]!))
    this.#line.cancel(parcel, entry)
    if (parcel.wanted === 0 && this.#line.withdraw(parcel)) this.books.onOver(parcel)
  }

  #cut(): void {
    this.#line.cut(outputs, (_, error) => fail(error))
  }

  #die(seat: number, mayRunAgain: boolean): void {
    // What it had posted arrives, and its records are there.
    this.#hear(seat)
    this.#drain(seat)
    for (const { parcel, begun } of this.#line.orphansOf(seat, outputs)) this.#bury(parcel, begun, mayRunAgain)
    this.#line.wake()
    this.#workers[seat] = this.#rise(seat)
  }

  #bury(parcel: Parcel, begun: number, mayRunAgain: boolean): void {
    if (this.books.bury(parcel, begun, mayRunAgain)) this.#line.again(parcel)
    else {
      this.#line.forget(parcel)
      this.books.onOver(parcel)
    }
  }
}

function losesNothing(Line: typeof WindowLine): fc.IRawProperty<unknown> {
  return fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
    const stage = new Stage(Line)
    for (const each of steps) await stage.take(each)
    await stage.finish()
  })
}

it('gives each task of each parcel one outcome, its own, whatever workers and callers do', () =>
  holds(losesNothing(WindowLine), 400))
it('is caught when it does not hear what came in messages', () => fails(losesNothing(DeafWindowLine)))
it('is caught when what had begun counts as fresh', () => fails(losesNothing(FreshWindowLine)))
it('is caught when outputs are overwritten by the next', () => fails(losesNothing(HastyWindowLine)))

function fail(error: unknown): never {
  throw error
}

/** A value that says whose it is, in each of its elements. */
function arrayOf(id: number, length: number): Float64Array {
  return Float64Array.from({ length }, (_, index) => id + index / 64)
}

function end({ input, resolve, reject }: Running, { as, length }: Answer): void {
  const id = idOf(input)!
  if (as === 'fault') reject(new Error(`fault ${id}`))
  else resolve(as === 'clone' ? { id } : arrayOf(id, length))
}

/** Whose outcome, or input, it is; undefined when it is damaged. */
function idOf(value: unknown): number | undefined {
  if (typeof value === 'string') return Number(value.split(' ')[1])
  if (!(value instanceof Float64Array)) return (value as { readonly id: number }).id
  const [id = -1] = value
  return value.every((element, index) => element === id + index / 64) ? id : undefined
}
