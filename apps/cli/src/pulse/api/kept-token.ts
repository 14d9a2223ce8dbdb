import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'

/**
 * The token in a file, which is made where it is not: for its owner alone, so that whoever may read it may use it.
 * @throws {MillraceError} `STATE_UNWRITABLE`.
 */
export async function keptToken(file: string): Promise<string> {
  try {
    await mkdir(dirname(file), { recursive: true })
    try {
      await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
    }
    const token = (await readFile(file, 'utf8')).trim()
    if (/^[\w.~+/-]{8,1000}=*$/.test(token)) return token
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError(
      'STATE_UNWRITABLE',
      `The state folder cannot be used: ${why}. Name another with --state DIR.`,
      {
        detail: { file },
        cause,
      },
    )
  }
  throw new MillraceError(
    'STATE_UNWRITABLE',
    `${file} should have a token of 8 or more letters and digits, and has none. Remove it, and another is made.`,
    { detail: { file } },
  )
}
