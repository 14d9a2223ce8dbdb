import { type Exploration, explore } from '@millrace/kernel/test/queue/interleavings'
import { Codec, NO_ROOM } from '../../src/codec/codec.ts'
import { type CodecMemory, memoryOn } from '../../src/codec/codec-memory.ts'
import { ParcelHolder } from '../../src/parcel/parcel-holder.ts'
import { BYTES, COUNT, ENTRY_BYTES, SKIPPED, STATE, slotBytesFor, VALUE } from '../../src/parcel/parcel-layout.ts'
import { ParcelOwner } from '../../src/parcel/parcel-owner.ts'

const VALUE_BYTES = 8
const [WORKER, POOL] = [0, 1]
const ENDED = 2

export interface Setting {
  readonly entries: number
  /** How often the pool looks whether the parcel is slow. */
  readonly cuts: number
  /** The entry that nobody wants any more once the parcel is published. */
  readonly skips?: number
  readonly Owner?: typeof ParcelOwner
  readonly Holder?: typeof ParcelHolder
}

/** A value twice, and between the two a step at which its writer may die. */
class PairCodec extends Codec<number> {
  readonly shape = 'number'
  readonly minBytes = VALUE_BYTES
  readonly #mayDie: boolean

  constructor(mayDie: boolean) {
    super()
    this.#mayDie = mayDie
  }

  bytesOf(): number {
    return VALUE_BYTES
  }

  write(value: number, { i32 }: CodecMemory, at: number, end: number): number {
    if (end - at < VALUE_BYTES) return NO_ROOM
    i32[at >> 2] = value
    if (this.#mayDie) Atomics.load(i32, COUNT)
    i32[(at >> 2) + 1] = value
    return at + VALUE_BYTES
  }

  read({ i32 }: CodecMemory, at: number): number {
    const value = i32[at >> 2]!
    if (i32[(at >> 2) + 1] !== value) throw new Error(`the value at byte ${at} is torn`)
    return value
  }
}

const input = new PairCodec(false)
const output = new PairCodec(true)

/** Bytes of a memory of words, of which nothing is ever done but copying whole ones. */
class WordBytes extends Uint8Array {
  readonly #words: Int32Array

  constructor(words: Int32Array) {
    super(0)
    this.#words = words
  }

  override copyWithin(target: number, start: number, end = 0): this {
    for (let word = 0; word < (end - start) >> 2; word++) {
      this.#words[(target >> 2) + word] = this.#words[(start >> 2) + word]!
    }
    return this
  }
}

/**
 * One parcel, a worker that runs it and may die at any step, and the pool, which wants what is slow back and afterwards
 * does itself what is left. The words beside the two slots are those by which threads tell each other things.
 */
export class ParcelStage {
  readonly #setting: Setting
  readonly #inputBytes: number
  readonly #slotBytes: number
  readonly #buffer: SharedArrayBuffer
  readonly #published: number
  readonly #record: number
  readonly #done: number
  readonly #end: number
  readonly #ended: number
  /** By entry and thread: whether it ran there. */
  readonly #ran: number
  readonly #words: number

  constructor(setting: Setting) {
    this.#setting = setting
    // Ample: how tight a slot may be is not what is explored.
    this.#inputBytes = 2 * setting.entries * (ENTRY_BYTES + VALUE_BYTES)
    this.#slotBytes = slotBytesFor(this.#inputBytes)
    this.#buffer = new SharedArrayBuffer(2 * this.#slotBytes)
    this.#published = this.#buffer.byteLength / 4
    this.#record = this.#published + 1
    this.#done = this.#record + 1
    this.#end = this.#done + 1
    this.#ended = this.#end + 1
    this.#ran = this.#ended + 1
    this.#words = this.#ran + 2 * setting.entries
  }

  explore(): Exploration {
    return explore({
      words: this.#words,
      programs: [() => this.#pool(), () => this.#worker()],
      mortals: { 1: this.#ended },
      complaint: (memory) => this.#doubled(memory),
    })
  }

  #worker(): void {
    const memory = this.#memory()
    const { i32 } = memory
    const { Holder = ParcelHolder } = this.#setting
    const parcel = new Holder(memory, this.#slotBytes)
    told(i32, this.#published)
    this.#run(parcel, 0, memory, WORKER)
    i32[this.#done] = parcel.done
    i32[this.#end] = parcel.end
    Atomics.store(i32, this.#record, 1)
    tell(i32, this.#ended, ENDED)
  }

  #pool(): void {
    const { entries, cuts, skips = -1, Owner = ParcelOwner } = this.#setting
    const memory = this.#memory()
    const { i32 } = memory
    const owner = new Owner(memory, this.#inputBytes)
    owner.begin(0)
    for (let entry = 0; entry < entries; entry++) {
      if (!owner.tryAdd(input, inputOf(entry))) throw new Error(`there is no room for entry ${entry}`)
    }
    const reader = new OutputReader(memory, owner.end(), skips)
    tell(i32, this.#published, 1)
    if (skips >= 0) owner.skip(0, skips)

    // Entries from `limit` on were taken back.
    let limit = entries
    for (let cut = 0; cut < cuts; cut++) {
      const begun = Math.min(owner.begunOf(0), limit)
      if (begun === 0) continue
      reader.readBelow(begun - 1)
      const from = owner.takeBack(0)
      if (from < 0 || from >= limit) continue
      owner.copy(0, this.#slotBytes)
      owner.renew(this.#slotBytes, (entry) => entry >= from && entry < limit && entry !== skips)
      limit = from
    }

    told(i32, this.#ended)
    let lost = -1
    let rest: number
    if (Atomics.load(i32, this.#record) === 1) {
      rest = i32[this.#done]!
      if (rest > limit) throw new Error(`entry ${limit} was taken back, and run all the same`)
      reader.readBelow(rest)
      if (reader.end !== i32[this.#end]) throw new Error(`the outputs end at ${reader.end}`)
    } else {
      rest = Math.min(owner.begunOf(0), limit)
      reader.readBelow(rest - 1)
      lost = rest - 1
    }
    owner.renew(0, (entry) => entry >= rest && entry < limit && entry !== skips)
    this.#run(new ParcelHolder(memory, this.#slotBytes), 0, memory, POOL)
    if (limit < entries) this.#run(new ParcelHolder(memory, this.#slotBytes), this.#slotBytes, memory, POOL)
    for (let entry = 0; entry < entries; entry++) {
      const ran = i32[this.#ran + 2 * entry + POOL] === 1
      if (!ran && !reader.read.has(entry) && entry !== lost && entry !== skips)
        throw new Error(`entry ${entry} was lost`)
    }
  }

  /** Runs what may be run of the parcel in the slot at `offset`. */
  #run(parcel: ParcelHolder, offset: number, { i32 }: CodecMemory, thread: number): void {
    parcel.open(offset)
    while (parcel.begin()) {
      if (parcel.isSkipped) {
        parcel.tellSkipped()
        continue
      }
      const { entry, inputAt, inputBytes } = parcel
      if (inputBytes !== VALUE_BYTES || i32[inputAt >> 2] !== inputOf(entry)) throw new Error(`input ${entry} is torn`)
      i32[this.#ran + 2 * entry + thread] = 1
      if (!parcel.tryWrite(output, outputOf(entry))) throw new Error(`there is no room for output ${entry}`)
    }
  }

  #doubled(memory: Int32Array): string | undefined {
    for (let entry = 0; entry < this.#setting.entries; entry++) {
      const word = this.#ran + 2 * entry
      if (memory[word + WORKER]! + memory[word + POOL]! > 1) return `entry ${entry} ran twice`
    }
    return undefined
  }

  #memory(): CodecMemory {
    const i32 = new Int32Array(this.#buffer)
    return { ...memoryOn(new ArrayBuffer(0)), byteLength: this.#buffer.byteLength, i32, u8: new WordBytes(i32) }
  }
}

/** Reads the outputs of the worker's parcel, each once. */
class OutputReader {
  readonly read = new Set<number>()
  end: number
  readonly #memory: CodecMemory
  readonly #skips: number
  #next = 0

  constructor(memory: CodecMemory, end: number, skips: number) {
    this.#memory = memory
    this.end = end
    this.#skips = skips
  }

  readBelow(until: number): void {
    const { i32 } = this.#memory
    for (; this.#next < until; this.#next++) {
      const [bytes, state] = [i32[(this.end >> 2) + BYTES]!, i32[(this.end >> 2) + STATE]]
      if (state === VALUE) {
        if (output.read(this.#memory, this.end + ENTRY_BYTES) !== outputOf(this.#next)) {
          throw new Error(`output ${this.#next} is another's`)
        }
        this.read.add(this.#next)
      } else if (state !== SKIPPED || this.#next !== this.#skips) throw new Error(`output ${this.#next} is torn`)
      this.end += ENTRY_BYTES + bytes
    }
  }
}

function inputOf(entry: number): number {
  return 1000 + entry
}

function outputOf(entry: number): number {
  return 2000 + entry
}

function tell(words: Int32Array, word: number, value: number): void {
  Atomics.store(words, word, value)
  Atomics.notify(words, word)
}

function told(words: Int32Array, word: number): void {
  while (Atomics.load(words, word) === 0) Atomics.wait(words, word, 0)
}
