import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Intent } from '@millrace/intents'

const NAME = 'intents-unwritten.jsonl'

/** Appends intents to a file in the state folder, one a line: the form in which `POST /intents` takes them again. Returns its path. */
export async function keepUnwritten(stateDir: string, intents: readonly Intent[]): Promise<string> {
  const file = join(stateDir, NAME)
  await mkdir(stateDir, { recursive: true })
  await appendFile(file, intents.map((intent) => `${JSON.stringify(intent)}\n`).join(''))
  return file
}
