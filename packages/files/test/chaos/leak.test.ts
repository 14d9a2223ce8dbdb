import { expect, it } from 'vitest'
import { leakOf } from '../../src/chaos/leak.ts'
import type { ProbeMessage } from '../../src/chaos/probe-order.ts'
import { discovered } from '../discovered.ts'

const KB = 1024
const FILES = Array.from({ length: 20 }, (_, n) => discovered(`file-${n}.ts`))

/** What a probe says, where so much is kept of each file in each pass. */
function weights(passes: number, keptKb: (pass: number, file: number) => number): ProbeMessage[] {
  let heldBytes = 5_000 * KB
  return Array.from({ length: passes }, (_, pass) =>
    [-1, ...FILES.keys()].map((index): ProbeMessage => {
      if (index >= 0) heldBytes += keptKb(pass, index) * KB
      return { type: 'weight', token: '', pass, index, heldBytes }
    }),
  ).flat()
}

it('tells what is kept of all files from what is kept of one', () => {
  expect(
    leakOf(
      FILES,
      weights(2, () => 30),
      2,
    ),
  ).toEqual({ bytesAFile: 30 * KB, files: [] })
  const one = leakOf(
    FILES,
    weights(2, (_, file) => (file === 7 ? 900 : 0)),
    2,
  )
  expect(one?.files).toEqual([{ path: 'file-7.ts', bytes: 900 * KB }])
})

it('tells of all files together where each was not weighed', () => {
  const heard = weights(2, () => 30).filter((said) => said.type === 'weight' && [-1, 19].includes(said.index))
  expect(leakOf(FILES, heard, 2)).toEqual({ bytesAFile: 30 * KB, files: [] })
})

it('finds none where a cache fills once, where the heap only moves, and where the probe did not come to its end', () => {
  expect(
    leakOf(
      FILES,
      weights(2, (pass) => (pass === 0 ? 300 : 0)),
      2,
    ),
  ).toBeUndefined()
  expect(
    leakOf(
      FILES,
      weights(2, (pass, file) => ((pass + file) % 2 === 0 ? 80 : -80)),
      2,
    ),
  ).toBeUndefined()
  expect(
    leakOf(
      FILES,
      weights(1, () => 300),
      2,
    ),
  ).toBeUndefined()
})
