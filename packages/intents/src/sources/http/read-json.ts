import { MillraceError } from '@millrace/kernel/errors'
import { parseJson } from '../wire/parse-json.ts'

/**
 * Reads a request's body to its end, and parses it.
 * @throws {MillraceError} `BODY_TOO_LARGE`, `BODY_INVALID`.
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const length = request.headers.get('content-length')
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // PERF: a body of known length is asked for as a whole: where Node is the host, no web stream is made for it.
  const bytes = length === null ? await readBounded(request, maxBytes) : await request.arrayBuffer()
  return parseJson(new Uint8Array(bytes), 'The body')
}

async function readBounded(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): MillraceError {
  return new MillraceError(
    'BODY_TOO_LARGE',
    `The body is larger than ${maxBytes} bytes. Send several, or lines as application/x-ndjson, of which there may be any number.`,
    { detail: { maxBytes } },
  )
}
