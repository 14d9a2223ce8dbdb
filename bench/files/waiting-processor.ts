/**
 * A processor that takes the time of a parser that runs elsewhere: it waits a millisecond for each KB, and computes nothing. So more
 * workers can be measured than there are cores.
 */
import type { Processor } from '@millrace/files'

const BASE_MS = 0.2
const MS_PER_KB = 1
const clock = new Int32Array(new SharedArrayBuffer(4))

const waiting: Processor = {
  name: 'waiting',
  version: '1',
  match: ({ kind }) => kind === 'source',
  process: ({ bytes }) => {
    Atomics.wait(clock, 0, 0, BASE_MS + (bytes.length / 1024) * MS_PER_KB)
    return { bytes: bytes.length }
  },
}
export default waiting
