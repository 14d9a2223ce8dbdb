import { readFile } from 'node:fs/promises'
import { MillraceError } from '@millrace/kernel/errors'
import { refuseFlag } from './flag-values.ts'

/**
 * The tokens of a file that `--token-file` names: one a line; what begins with `#` is a comment.
 * @throws {MillraceError} `FLAG_INVALID` where there is no such file, or no token in it.
 */
export async function readTokenFile(file: string): Promise<readonly string[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('FLAG_INVALID', `--token-file cannot be read: ${why}. Give a file with a token a line.`, {
      detail: { flag: '--token-file', file },
      cause,
    })
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  return lines.length === 0 ? refuseFlag('--token-file', 'a file with a token a line', file) : lines
}
