import { isUtf8 } from 'node:buffer'
import { MillraceError } from '@millrace/kernel/errors'

/**
 * The text that `bytes` are, a byte-order mark removed. Strict: no byte is replaced or dropped.
 * @param path Path of the file, for messages.
 * @throws {MillraceError} `FILE_NOT_UTF8` where the bytes are not UTF-8, `FILE_BINARY` where they hold a NUL.
 */
export function decodeText(bytes: Buffer, path: string): string {
  // UTF-16 is full of NULs: its mark is looked for first, because "binary" would send the reader the wrong way.
  const wide = utf16Mark(bytes)
  if (wide !== undefined) {
    throw new MillraceError(
      'FILE_NOT_UTF8',
      `${path} is ${wide}, as its byte-order mark says; text is read as UTF-8. Save it as UTF-8 or exclude it.`,
      { detail: { path, encoding: wide } },
    )
  }
  const nul = bytes.indexOf(0)
  if (nul !== -1) {
    throw new MillraceError(
      'FILE_BINARY',
      `${path} is binary, not text: byte ${nul} is NUL. Exclude it, or give it a processor that reads bytes.`,
      { detail: { path, offset: nul } },
    )
  }
  if (!isUtf8(bytes)) {
    throw new MillraceError(
      'FILE_NOT_UTF8',
      `${path} is not UTF-8, in which text is read; it may be Latin-1 or another 8-bit encoding. Save it as UTF-8 or exclude it.`,
      { detail: { path } },
    )
  }
  return bytes.toString('utf8', hasMark(bytes) ? 3 : 0)
}

function hasMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function utf16Mark(bytes: Buffer): 'UTF-16LE' | 'UTF-16BE' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE'
  return undefined
}
