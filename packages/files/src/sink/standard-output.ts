import type { FileEncoder } from './file-encoder.ts'
import type { SinkWriter } from './sink.ts'

/** The part of `process.stdout` that this needs. */
export type OutputStream = Pick<NodeJS.WriteStream, 'write' | 'on' | 'off'>

/**
 * Writes what an encoder makes to standard output, for whoever reads it there.
 *
 * What was written cannot be taken back: an export that breaks off is told by the exit code alone. A reader that has seen enough and goes (`| head`)
 * ends the writing, not the export.
 */
export function streamWriter(encoder: FileEncoder, stream: OutputStream): SinkWriter {
  let hasReader = true
  const onError = (error: NodeJS.ErrnoException) => {
    if (isGone(error)) hasReader = false
  }
  stream.on('error', onError)
  const append = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => {
      if (!hasReader || bytes.length === 0) return resolve()
      stream.write(bytes, (error?: NodeJS.ErrnoException | null) => {
        if (error === undefined || error === null) return resolve()
        if (!isGone(error)) return reject(error)
        hasReader = false
        resolve()
      })
    })
  // Of a reader that is gone the stream tells once more later on.
  const leave = () => {
    if (hasReader) stream.off('error', onError)
  }
  return {
    write: (rows) => append(encoder.write(rows)),
    async commit() {
      await append(encoder.end())
      leave()
    },
    abort: leave,
  }
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED'
}
