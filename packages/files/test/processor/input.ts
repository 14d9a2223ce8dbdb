import { classify } from '../../src/discovery/language.ts'
import { decodeText } from '../../src/processor/decode-text.ts'
import type { FileInput } from '../../src/processor/processor.ts'
import { discovered } from '../discovered.ts'

/** What a processor is given for a file of this name with these contents, without a file. */
export function inputOf(path: string, contents: string | Buffer): FileInput {
  const bytes = Buffer.from(contents as string)
  const file = discovered(path, { size: bytes.length, ...classify(path) })
  return { file, absolutePath: `/tree/${path}`, bytes, text: () => decodeText(bytes, path) }
}
