import { Codec, HEAD_BYTES, NO_ROOM } from './codec.ts'
import { damaged } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'
import type { CodecShape } from './codec-shape.ts'

const ABSENT = 0
const PRESENT = 1

/* A mark, then the value, if there is one. */
class OptionalCodec<T> extends Codec<T | undefined> {
  readonly shape: CodecShape
  readonly minBytes = HEAD_BYTES
  readonly #present: Codec<T>

  constructor(present: Codec<T>) {
    super([present])
    this.shape = { optional: present.shape }
    this.#present = present
  }

  bytesOf(value: T | undefined): number {
    return value === undefined ? HEAD_BYTES : HEAD_BYTES + this.#present.bytesOf(value)
  }

  write(value: T | undefined, memory: CodecMemory, at: number, end: number): number {
    const next = at + HEAD_BYTES
    if (next > end) return NO_ROOM
    memory.u32[at >> 2] = value === undefined ? ABSENT : PRESENT
    return value === undefined ? next : this.#present.write(value, memory, next, end)
  }

  read(memory: CodecMemory, at: number, end: number): T | undefined {
    const mark = end - at < HEAD_BYTES ? undefined : memory.u32[at >> 2]
    if (mark === PRESENT) return this.#present.read(memory, at + HEAD_BYTES, end)
    if (mark !== ABSENT) throw damaged(at, `${mark ?? 'what was cut off'} does not say whether a value follows`)
    memory.end = at + HEAD_BYTES
    return undefined
  }
}

/** A value or `undefined`: 8 bytes, and those of the value. In a record, the field may be left out. */
export function optional<T>(present: Codec<T>): Codec<T | undefined> {
  return new OptionalCodec(present)
}
