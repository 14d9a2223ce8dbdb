import { ChannelError } from './channel.ts'

/** A request that carries an alert. */
export interface AlertRequest {
  /** Who is asked, as an error names it; never a URL, which may be secret. */
  readonly to: string
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Beside 5xx, the answers that may be others later. */
const PASSING = new Set([408, 425, 429])

/** So much of an answer is read, that its connection can be used again. */
const MAX_ANSWER_BYTES = 65_536
const MAX_ANSWER_MS = 1000

/**
 * Sends a request; resolves when it was taken: an answer of 2xx. Redirections are not followed: they would make a GET of it.
 * @throws {ChannelError} Passing for 5xx, 408, 425, 429, and where there was no answer; with what `Retry-After` asks for. Its message has no more than
 * the status or the operating system's code: what else there is may be secret.
 */
export async function sendRequest(request: AlertRequest, signal: AbortSignal): Promise<void> {
  const { to, url, method, headers } = request
  const body = method === 'GET' || method === 'HEAD' ? null : request.body
  let response: Response
  try {
    response = await fetch(url, { method, headers, body, signal, redirect: 'manual' })
  } catch (error) {
    throw new ChannelError(`${to} did not answer (${codeOf(error)})`, { isPassing: true })
  }
  const { status, ok } = response
  await drop(response)
  if (ok) return
  const retryAfterMs =
    status === 429 || status === 503 ? readRetryAfter(response.headers.get('retry-after')) : undefined
  const isPassing = status >= 500 || PASSING.has(status)
  const hint = status >= 300 && status < 400 ? ', a redirection, which is not followed: use the URL it leads to' : ''
  throw new ChannelError(`${to} answered with ${status}${hint}`, {
    isPassing,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** Milliseconds, of a number of seconds or a date; undefined if it is neither. */
export function readRetryAfter(value: string | null, wallNow: number = Date.now()): number | undefined {
  if (value === null) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - wallNow)
}

/** Reads a short answer to its end, and hangs up on one that is long, or slow. An answer has come either way. */
async function drop({ body }: Response): Promise<void> {
  if (body === null) return
  const reader = body.getReader()
  const hangUp = () => void reader.cancel().catch(() => {})
  const deadline = setTimeout(hangUp, MAX_ANSWER_MS)
  try {
    let bytes = 0
    for (let part = await reader.read(); !part.done && bytes <= MAX_ANSWER_BYTES; part = await reader.read()) {
      bytes += part.value.byteLength
    }
  } catch {
    // The status was said: that the rest did not come changes nothing.
  } finally {
    clearTimeout(deadline)
    hangUp()
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause, name } = error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return name === 'AbortError' ? 'given up' : name
}
