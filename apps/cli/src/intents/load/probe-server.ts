import { MillraceError } from '@millrace/kernel/errors'
import type { LoadPlan } from '../../config/intents-load.ts'

const PROBE_MS = 5000

/**
 * Finds out before anything is sent whether a server is there, and lets us in.
 * @throws {MillraceError} `SERVER_UNREACHABLE`, `TOKEN_REJECTED`.
 */
export async function probeServer({ url, token }: Pick<LoadPlan, 'url' | 'token'>): Promise<void> {
  const health = new URL('/health', url.href.replace(/^ws/, 'http'))
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  let response: Response
  try {
    response = await fetch(health, { headers, signal: AbortSignal.timeout(PROBE_MS) })
  } catch (error) {
    throw unreachable(url, error)
  }
  await response.body?.cancel()
  if (response.status === 401) {
    throw new MillraceError(
      'TOKEN_REJECTED',
      `${health.host} does not take this token. Give one that it knows with --token.`,
    )
  }
  if (response.status !== 200 && response.status !== 503)
    throw unreachable(url, new Error(`${health.pathname} answers ${response.status}`))
}

/** The error of a server that does not answer as one. */
export function unreachable(url: URL, cause: unknown): MillraceError {
  const told = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const why = told instanceof Error ? told.message || String('code' in told ? told.code : told.name) : String(told)
  return new MillraceError(
    'SERVER_UNREACHABLE',
    `${url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin} does not take intents: ${why}. Is \`millrace intents serve\` running there?`,
    {
      detail: { url: url.href },
      cause,
    },
  )
}
