/** Most words a record has. */
export const MOST_WORDS = 40

/** How many words record `id` has: 0 to {@link MOST_WORDS}. */
export function wordsOf(id: number): number {
  return mixed(id) % (MOST_WORDS + 1)
}

/** Writes record `id` from word `from` on. */
export function writeRecord(words: Int32Array, from: number, id: number): void {
  const count = wordsOf(id)
  for (let word = 0; word < count; word++) words[from + word] = mixed(id + word)
}

/** Whether the words from `from` on are record `id`, each of them. */
export function isRecord(words: Int32Array, from: number, bytes: number, id: number): boolean {
  const count = wordsOf(id)
  if (bytes !== 4 * count) return false
  for (let word = 0; word < count; word++) if (words[from + word] !== mixed(id + word)) return false
  return true
}

/** Scatters a number over 31 bits. */
function mixed(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  return ((once ^ (once >>> 16)) * 5) & 0x7fffffff
}
