import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './fault-plan.ts'

/** Bytes that are overwritten: no text in any encoding, and what a disk that failed leaves behind. */
const RUBBISH = Buffer.from([0xff, 0x00, 0xfe, 0x7b, 0x22, 0xc3, 0x28, 0x00])

/** Damages a file below `root` in place. What was damaged so before stays as it is. Gives what was done, as the end of a sentence about the file. */
export function damageFile(
  root: string,
  { path, damage }: Extract<Fault, { kind: 'damage-file' }>,
  size: number,
): string {
  const file = join(root, path)
  const at = Math.floor(size * damage.at)
  if (damage.how === 'cut') {
    if (statSync(file).size > at) truncateSync(file, at)
    return `was cut to ${at} of its ${size} bytes`
  }
  const bytes = readFileSync(file)
  RUBBISH.copy(bytes, at)
  writeFileSync(file, bytes)
  return `had ${Math.min(RUBBISH.length, size - at)} of its ${size} bytes overwritten at ${at}`
}
