import { MillraceError } from '@millrace/kernel/errors'
import { parseJson } from '../wire/parse-json.ts'

/**
 * Reads a request's body to its end, and parses it.
 * @throws {MillraceError} `BODY_TOO_LARGE`, `BODY_INVALID`.
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return parseJson(Buffer.concat(chunks), 'The body')
}

function tooLarge(maxBytes: number): MillraceError {
  return new MillraceError(
    'BODY_TOO_LARGE',
    `The body is larger than ${maxBytes} bytes. Send several, or lines as application/x-ndjson, of which there may be any number.`,
    { detail: { maxBytes } },
  )
}
