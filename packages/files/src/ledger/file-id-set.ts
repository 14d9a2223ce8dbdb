/** Bytes that the first id makes room for. */
const FIRST_BYTES = 1024

/** A set of file ids, a bit each: ids are dense, and a tree may have millions of them. Grows with the largest id; O(1). */
export class FileIdSet {
  #bits = new Uint8Array(0)

  has(fileId: number): boolean {
    return ((this.#bits[fileId >>> 3] ?? 0) & (1 << (fileId & 7))) !== 0
  }

  add(fileId: number): void {
    const at = fileId >>> 3
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(FIRST_BYTES, 2 * this.#bits.length, at + 1))
      grown.set(this.#bits)
      this.#bits = grown
    }
    this.#bits[at]! |= 1 << (fileId & 7)
  }

  delete(fileId: number): void {
    const at = fileId >>> 3
    if (at < this.#bits.length) this.#bits[at]! &= ~(1 << (fileId & 7))
  }
}
