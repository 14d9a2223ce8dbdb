import { MillraceError } from '@millrace/kernel/errors'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses JSON in UTF-8.
 * @throws {MillraceError} `BODY_INVALID`, with what the parser says.
 */
export function parseJson(bytes: Uint8Array, what: string, detail: Readonly<Record<string, unknown>> = {}): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8.'
    throw new MillraceError('BODY_INVALID', `${what} is not JSON: ${why}`, { detail, cause })
  }
}
