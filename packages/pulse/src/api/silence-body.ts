import { MillraceError } from '@millrace/kernel/errors'
import { formatDuration, parseDuration } from '../manifest/duration.ts'

/** Whoever wants silence for longer pauses it. */
const MAX_MS = 366 * 86_400_000

/**
 * How long to be silent, in ms, as `{"for": "30m"}` says.
 * @throws {MillraceError} `BODY_INVALID`.
 */
export function readSilence(body: string): number {
  const value = parse(body)
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const [[name, duration] = ['', undefined]] = fields
  const ms = name === 'for' && fields.length === 1 ? parseDuration(duration) : undefined
  if (ms !== undefined && ms <= MAX_MS) return ms
  throw new MillraceError(
    'BODY_INVALID',
    `Say how long: {"for": "30m"}, with a duration such as 90s, 30m or 2h, or a number of seconds, of at most ${formatDuration(MAX_MS)}; 0 ends a silence.`,
  )
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
