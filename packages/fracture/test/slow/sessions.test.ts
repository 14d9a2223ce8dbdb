import { Worker } from 'node:worker_threads'
import { randomFrom } from '@millrace/kernel/test/property'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CutoutBatchProcessor, type CutoutBatchProcessorOptions, type FractureResult } from '../../src/index.ts'
import { turn } from '../fake-pool.ts'
import { Session, type UserAct, userActs } from '../session/session.ts'
import { star } from '../stars.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined
const SESSIONS = isSlow ? 60 : 2
const ACTS = isSlow ? 400 : 150
/** No session is at work for long: a bound against hangs. All of them together have a core that computes beside them, and may have other tests. */
const MOST_MS = 60_000
const DEAR_POINTS = 3000

/** Squares, and stars that cost more, of which the area tells the number. */
function polygonOf(id: number, isDear: boolean): number[] {
  const side = 10 * (id + 1)
  if (!isDear) return [0, 0, side, 0, side, side, 0, side]
  return star(DEAR_POINTS, side / Math.sqrt((DEAR_POINTS / 4) * Math.sin((2 * Math.PI) / DEAR_POINTS)))
}

function idOf({ fragments }: FractureResult): number {
  const area = fragments.reduce((sum, fragment) => sum + fragment.area, 0)
  const id = Math.sqrt(area) / 10 - 1
  return Math.abs(id - Math.round(id)) < 1e-6 ? Math.round(id) : Number.NaN
}

/** Does as it likes for a while, and then ends; returns what was wrong. */
async function live(seed: number, options: CutoutBatchProcessorOptions): Promise<readonly string[]> {
  const random = randomFrom(seed)
  const below = (end: number) => Math.floor(end * random())
  const session = new Session(
    CutoutBatchProcessor,
    {
      threads: 1 + below(3),
      maxQueued: [3, 8, 100][below(3)]!,
      whenFull: (['reject', 'drop-oldest', 'drop-lowest'] as const)[below(3)]!,
      cacheBytes: [0, 30_000, 2 ** 20][below(3)]!,
      maxHoldFrames: below(4),
      sharedMemory: below(4) > 0,
      ...options,
    },
    { polygonOf, idOf },
  )
  for (let left = ACTS; left > 0; left--) {
    const kind = userActs[below(userActs.length)]!
    const act: UserAct = { kind, n: below(31), m: below(31), isOdd: below(2) === 0 }
    // It closes late, if ever before its end.
    if (kind !== 'close' || left < 10) session.act(act)
    if (below(3) === 0) await turn()
  }
  const until = performance.now() + MOST_MS
  return session.end(
    () => {},
    () => performance.now() < until,
  )
}

/** Has a core compute all the while. */
function compute(): void {
  const busy = new Worker('for (;;);', { eval: true })
  onTestFinished(async () => {
    await busy.terminate()
  })
}

describe('a user who does as he likes', { timeout: SESSIONS * MOST_MS }, () => {
  // What a listener throws is an uncaught error.
  const listeners = process.listeners('uncaughtException')
  const uncaught = new Set<string>()
  function catchUncaught() {
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => {
      uncaught.add(String((error as { code?: unknown }).code ?? error))
    })
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException')
      for (const each of listeners) process.on('uncaughtException', each)
    })
  }

  it.each([
    ['workers', () => ({ worker: () => new Worker(new URL('../../src/worker.ts', import.meta.url)) })],
    [
      'workers that die and throw',
      () => {
        const begun = new SharedArrayBuffer(4)
        const entry = new URL('../entries/moody.ts', import.meta.url)
        return { worker: () => new Worker(entry, { workerData: begun }) }
      },
    ],
    ['the caller', () => ({})],
  ] satisfies [string, () => CutoutBatchProcessorOptions][])('loses nothing with %s', async (_, optionsOf) => {
    catchUncaught()
    if (isSlow) compute()
    for (let seed = 1; seed <= SESSIONS; seed++) {
      expect([seed, await live(seed, optionsOf())]).toEqual([seed, []])
    }
    expect([...uncaught].filter((code) => code !== 'LISTENER_FAILED')).toEqual([])
  })
})
