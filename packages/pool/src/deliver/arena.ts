import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'
import type { CodecShape } from '../codec/codec-shape.ts'
import { untransferable } from './untransferable.ts'

/**
 * Of results that share memory: the first ones few, as one kept for long keeps all of them; then ever more, as a buffer
 * is dear.
 */
const FIRST_BYTES = 16_384
const MOST_BYTES = 262_144
/** Up to so many words are copied one by one: a view for `set` costs more. */
const FEW_WORDS = 48

/**
 * Memory of the pool's own, to which results are copied before they are decoded: what they are views of nobody else can
 * write.
 *
 * Results follow each other in one buffer; when it is full a new one is begun, and the old one lives as long as what
 * lies in it. In Node to transfer one is an error; in browsers it takes the others along. PERF: an array with memory
 * of its own costs many times a view; bench/pool/flood.bench.ts.
 */
export class Arena {
  memory: CodecMemory = memoryOn(new ArrayBuffer(0))
  #next = 0
  #bytes = FIRST_BYTES

  /**
   * Copies `bytes`, rounded up to a multiple of 8, from `offset` on, and returns where in {@link Arena.memory} they
   * are. What is not `kept` may be overwritten by the next.
   */
  copy(source: CodecMemory, offset: number, bytes: number, kept: boolean): number {
    const size = Math.ceil(bytes / 8) * 8
    // Whoever has a result may have transferred its memory away.
    if (size > this.memory.u8.length - this.#next) {
      this.memory = memoryOn(untransferable(new ArrayBuffer(Math.max(this.#bytes, size))))
      this.#next = 0
      this.#bytes = Math.min(2 * this.#bytes, MOST_BYTES)
    }
    const at = this.#next
    copyWords(source.i32, offset >> 2, this.memory.i32, at >> 2, size >> 2)
    if (kept) this.#next += size
    return at
  }
}

function copyWords(source: Int32Array, from: number, target: Int32Array, to: number, words: number): void {
  if (words > FEW_WORDS) target.set(source.subarray(from, from + words), to)
  else for (let index = 0; index < words; index++) target[to + index] = source[from + index]!
}

/** Whether values of this shape are, or have in them, views of the memory they are decoded from. */
export function holdsViews(shape: CodecShape): boolean {
  if (typeof shape === 'string') return shape.endsWith('Array')
  if ('list' in shape) return holdsViews(shape.list)
  if ('optional' in shape) return holdsViews(shape.optional)
  return Object.values(shape.record).some(holdsViews)
}
