import type { SinkFs } from './beside-file.ts'
import type { FileEncoder } from './file-encoder.ts'
import { type FileFormat, fileSink } from './file-sink.ts'
import type { Sink } from './sink.ts'

/** PERF: fewer, larger writes; below this a write's fixed cost shows, above it nothing is gained. */
const WRITE_CHARS = 256 * 1024

const format: FileFormat = { name: 'jsonl', extension: '.jsonl', createEncoder: () => lineEncoder(WRITE_CHARS) }

/** JSON Lines: one record a line, `\n` after each, sorted by path. */
export const jsonl = fileSink(format)

/** The same on another file system. */
export function jsonlOn(fs: SinkFs): Sink {
  return fileSink(format, fs)
}

/** Gives lines as soon as there are `chars` of them. */
export function lineEncoder(chars: number): FileEncoder {
  let text = ''
  const take = () => {
    const full = text
    text = ''
    return full
  }
  return {
    write(rows) {
      for (const { record } of rows) text += `${record}\n`
      return text.length >= chars ? take() : ''
    },
    end: take,
  }
}
