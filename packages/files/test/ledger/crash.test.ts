import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { randomBelow } from './random.ts'
import { owned, temporaryFolder } from './samples.ts'

const CHILD = fileURLToPath(new URL('./committing-child.ts', import.meta.url))
const BATCH_FILES = 40

/** What a killed run left, beside what it had acknowledged. */
interface Aftermath {
  readonly acknowledged: number
  /** Checkpoints the ledger holds whole. */
  readonly whole: number
  /** Batches of which the ledger holds a part. */
  readonly partial: number
  /** Files settled outside the checkpoints that are whole. */
  readonly strays: number
}

/** Lets a child commit, kills it after so many acknowledgements and `delayMs` more, and looks at what is there. */
async function killed(after: number, delayMs: number, variant: string): Promise<Aftermath> {
  using folder = temporaryFolder()
  const child = spawn(
    process.execPath,
    ['--conditions=millrace-source', CHILD, folder.path, String(BATCH_FILES), variant],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let printed = ''
  let fatal = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (fatal || printed.split('\n').length <= after) return
    fatal = true
    setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
  const acknowledged = printed.split('\n').filter((line) => line !== '').length

  using db = openDatabase(folder.path, false)
  const ledger = new SqliteLedger(db, owned)
  const jobId = ledger.job()?.jobId ?? ''
  const batches = ledger.batches(jobId)
  const whole = batches.filter(
    ({ complete, delivered, quarantined }) => complete && delivered === BATCH_FILES - 1 && quarantined === 1,
  )
  const { delivered, quarantined } = ledger.books(jobId)
  expect(ledger.results(jobId, undefined, 1e6, 1e9)).toHaveLength(delivered)
  return {
    acknowledged,
    whole: whole.length,
    partial: batches.length - whole.length,
    strays: delivered + quarantined - whole.length * BATCH_FILES,
  }
}

function* points(seed: number, count: number): Generator<readonly [after: number, delayMs: number]> {
  const random = randomBelow(seed)
  for (let index = 0; index < count; index++) yield [1 + random(30), random(12)]
}

it('has every acknowledged checkpoint whole and none in part, whenever it is killed', {
  timeout: 240_000,
}, async () => {
  for (const [after, delayMs] of points(20_261_121, 10)) {
    const { acknowledged, whole, partial, strays } = await killed(after, delayMs, 'real')
    expect(acknowledged).toBeGreaterThanOrEqual(after)
    expect({ after, delayMs, partial, strays }).toEqual({ after, delayMs, partial: 0, strays: 0 })
    // One more than acknowledged is right: it was durable, and the kill came before the word of it.
    expect([acknowledged, acknowledged + 1]).toContain(whole)
  }
})

it('would tell a ledger that writes a checkpoint piece by piece', { timeout: 240_000 }, async () => {
  for (const [after, delayMs] of points(20_261_121, 30)) {
    const { partial } = await killed(after, delayMs, 'piecemeal')
    if (partial > 0) return
  }
  expect.unreachable('thirty kills left no batch in part')
})
