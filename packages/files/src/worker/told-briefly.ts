/** Longest text of a thrown value that is handed on, characters. */
const MAX_CHARS = 500

/**
 * The first line of whatever was thrown. Never throws: what a processor throws may be anything, with getters that throw
 * in their turn.
 */
export function toldBriefly(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
    return text.split('\n', 1)[0]!.slice(0, MAX_CHARS)
  } catch {
    return 'something that cannot be shown'
  }
}
