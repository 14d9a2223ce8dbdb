import { expect, it } from 'vitest'
import { hasGrown, leakOf } from '../../src/chaos/leak.ts'
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
      weights(3, () => 30),
      3,
    ),
  ).toEqual({ bytesAFile: 30 * KB, files: [] })
  const one = leakOf(
    FILES,
    weights(3, (_, file) => (file === 7 ? 900 : 0)),
    3,
  )
  expect(one?.files).toEqual([{ path: 'file-7.ts', bytes: 900 * KB }])
})

it('finds one whatever else moves the heap, up or down', () => {
  const heard = weights(3, (pass, file) => (file === 7 ? 400 : file === 2 ? [600, -300, 0][pass]! : 0))
  expect(leakOf(FILES, heard, 3)?.files).toEqual([{ path: 'file-7.ts', bytes: 400 * KB }])
})

it('finds none where a cache fills once, where the heap only moves, and where not all was weighed', () => {
  expect(
    leakOf(
      FILES,
      weights(3, (pass) => (pass === 0 ? 300 : 0)),
      3,
    ),
  ).toBeUndefined()
  expect(
    leakOf(
      FILES,
      weights(3, (pass, file) => ((pass + file) % 2 === 0 ? 80 : -80)),
      3,
    ),
  ).toBeUndefined()
  expect(
    leakOf(
      FILES,
      weights(3, (pass, file) => (file === 3 * pass ? 400 : 0)),
      3,
    ),
  ).toBeUndefined()
  expect(
    leakOf(
      FILES,
      weights(2, () => 300),
      3,
    ),
  ).toBeUndefined()
})

it('looks closer where each pass as a whole left more behind', () => {
  const ends = (heard: ProbeMessage[]) =>
    heard.filter((said) => said.type === 'weight' && [-1, 19].includes(said.index))
  expect(hasGrown(FILES, ends(weights(3, () => 30)), 3)).toBe(true)
  expect(hasGrown(FILES, ends(weights(3, (pass) => (pass === 0 ? 300 : 0))), 3)).toBe(false)
  expect(hasGrown(FILES, ends(weights(2, () => 30)), 3)).toBe(false)
  expect(hasGrown(FILES, [], 0)).toBe(false)
})
