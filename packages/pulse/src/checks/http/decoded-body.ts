import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'

const DECODERS: Readonly<Record<string, (body: Uint8Array, bound: { maxOutputLength: number }) => Uint8Array>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
}

/**
 * The body in clear, or why it cannot be had. Servers compress only where they ignore what was asked of them; then at once, on this thread: what comes out is
 * bounded, so it is a matter of microseconds.
 */
export function decodedBody(
  body: Uint8Array,
  encoding: string | undefined,
  maxBody: number,
): { readonly body: Uint8Array } | { readonly fault: string } {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return { body }
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]! : undefined
  if (decode === undefined) return { fault: 'its body is compressed in a way unknown here' }
  try {
    return { body: decode(body, { maxOutputLength: maxBody }) }
  } catch (error) {
    const { code }: { code?: unknown } = Object(error)
    if (code === 'ERR_BUFFER_TOO_LARGE') return { fault: `its body is longer than ${maxBody} bytes` }
    return { fault: 'its body is garbled: it cannot be decompressed' }
  }
}
