import { Codec, HEAD_BYTES, NO_ROOM } from './codec.ts'
import { damaged, mismatch, nameOf, within } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'
import type { CodecShape } from './codec-shape.ts'
import { bytesOfPart, readPart, writePart } from './parts.ts'

/* The count, then the items one after the other. */
class ListCodec extends Codec<unknown[]> {
  readonly shape: CodecShape
  readonly minBytes = HEAD_BYTES
  readonly #item: Codec<unknown>

  constructor(item: Codec<unknown>) {
    super([item])
    this.shape = { list: item.shape }
    this.#item = item
  }

  bytesOf(value: unknown[]): number {
    if (!Array.isArray(value)) throw mismatch('an Array', nameOf(value))
    let bytes = HEAD_BYTES
    let index = 0
    try {
      for (; index < value.length; index++) bytes += bytesOfPart(this.#item, value[index])
    } catch (error) {
      throw within(index, error)
    }
    return bytes
  }

  write(value: unknown[], memory: CodecMemory, at: number, end: number): number {
    if (!Array.isArray(value)) throw mismatch('an Array', nameOf(value))
    const { length } = value
    if (end - at < HEAD_BYTES) return NO_ROOM
    memory.u32[at >> 2] = length
    const item = this.#item
    let next = at + HEAD_BYTES
    let index = 0
    try {
      for (; index < length && next !== NO_ROOM; index++) next = writePart(item, value[index], memory, next, end)
    } catch (error) {
      throw within(index, error)
    }
    return next
  }

  read(memory: CodecMemory, at: number, end: number): unknown[] {
    if (end - at < HEAD_BYTES) throw damaged(at, 'a list was cut off')
    const length = memory.u32[at >> 2]!
    let next = at + HEAD_BYTES
    if (length * this.#item.minBytes > end - next) {
      throw damaged(at, `a list of ${length} does not fit into the ${end - at} bytes that are left`)
    }
    const item = this.#item
    const items: unknown[] = []
    for (let index = 0; index < length; index++) {
      items.push(readPart(item, memory, next, end))
      next = memory.end
    }
    memory.end = next
    return items
  }
}

/** Arrays of any length whose items are all of one codec: 8 bytes and those of the items. */
export function list<T>(item: Codec<T>): Codec<T[]> {
  return new ListCodec(item) as Codec<T[]>
}
