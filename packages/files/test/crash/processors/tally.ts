import { openSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Processor } from '../../../src/processor/processor.ts'
import { isBroken } from '../independent-walk.ts'

/** Every call is written down, in one write to a file that is only ever appended to: what a killed engine did is known afterwards. */
const log = openSync(process.env.MILLRACE_CRASH_LOG ?? '/dev/null', 'a')

export default {
  name: 'tally',
  version: '1',
  match: ({ path }) => /\.(js|ts|json)$/.test(path),
  process(input) {
    const { file, bytes } = input
    writeSync(log, `${JSON.stringify(file.path)}\n`)
    if (isBroken(file.path)) throw new SyntaxError('this file is broken')
    return { size: bytes.length, checksum: crc32(bytes), firstLine: input.text().split('\n', 1)[0] }
  },
} satisfies Processor
