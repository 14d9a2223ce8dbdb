import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { discovered } from '../discovered.ts'
import { temporaryFolder } from '../tree.ts'
import { childOver } from './child-over.ts'
import { reportsOf } from './executor-conformance.ts'

const BROKEN = fileURLToPath(new URL('../fixtures/broken-worker.ts', import.meta.url))

const brokenWorker = () =>
  childOver(temporaryFolder(), { fork: (_entry, args, options) => fork(BROKEN, args, options) })
const threeFiles = (name: string) => Array.from({ length: 3 }, () => discovered(name))

describe('a worker that breaks the protocol', () => {
  test.each([
    ['twice-at-once', 0],
    ['twice-later', 1],
    ['out-of-order', 0],
    ['with-a-gap', 0],
    ['for-a-file-not-given', 0],
    ['for-one-too-many', 0],
    ['for-another-batch', 0],
    ['backwards', 1],
    ['with-nothing', 0],
    ['without-a-record', 0],
    ['with-null', 0],
    ['with-a-stray-highlight', 0],
    ['done-too-soon', 1],
    ['done-with-another', 3],
    ['ready-twice', 0],
    ['unable-late', 0],
    ['strangely', 0],
  ])('%s: it is ended, and only what came in order before counts', async (how, counted) => {
    const executor = brokenWorker()
    const { end, delivered } = await reportsOf(executor, threeFiles(how))
    expect(end).toMatchObject({
      done: false,
      death: {
        reason: 'crashed',
        detail: expect.stringContaining('The worker process broke the protocol: it '),
        evidence: { signal: 'SIGKILL' },
      },
    })
    expect(delivered.map(({ index }) => index)).toEqual([0, 1, 2].slice(0, counted))
    expect((await reportsOf(executor, threeFiles('rightly'))).end).toEqual(end)
  })

  test('between two batches: the batch that was done is, the next one is not begun', async () => {
    const executor = brokenWorker()
    const first = await reportsOf(executor, threeFiles('rightly'), false, 1)
    expect(first.end).toEqual({ done: true })
    const second = await reportsOf(executor, threeFiles('rightly'), false, 2)
    expect(second.end).toEqual({ done: true })
    // Its one answer too many is on its way, and is taken for none of these.
    const third = await reportsOf(executor, threeFiles('rightly'), false, 3)
    expect(third).toMatchObject({ end: { done: false, death: { reason: 'crashed' } }, delivered: [] })
  })
})
