const MAX_LENGTH = 200
// Control characters would forge lines in logs.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu

/** A text of another's as a reason can have it: one line, of at most 200 characters. */
export function reasonOf(text: string): string {
  const line = text
    .slice(0, 4 * MAX_LENGTH)
    .replace(UNPRINTABLE, ' ')
    .trim()
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line
}

/** What an error says, as a reason. Whatever was thrown: it is not trusted. */
export function reasonOfError(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message || error.name : String(error)
    return reasonOf(String(text)) || 'failed without a reason'
  } catch {
    return 'failed without a reason'
  }
}
