import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { RandomRun } from './random-run.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
/** Of the day, where there is time to find what nobody has found. */
const SEED = slow ? Math.floor(Date.now() / 86_400_000) : 20_240_229
const usual = { seed: SEED, ms: slow ? 12_000 : 300, worker: '../entries/odd-worker.ts', stallMs: 60_000 }

const everywhere: readonly Partial<RandomRun>[] = [
  { sharedMemory: true, threads: 3, whenFull: 'wait' },
  { sharedMemory: false, threads: 2, whenFull: 'drop-oldest', seed: SEED + 1 },
]
const more: readonly Partial<RandomRun>[] = [
  { sharedMemory: true, threads: 2, whenFull: 'reject', seed: SEED + 2 },
  { sharedMemory: false, threads: 3, whenFull: 'wait', seed: SEED + 3 },
]

it.each(slow ? [...everywhere, ...more] : everywhere)(
  'on real threads nothing is lost, nothing comes twice, and the process ends: %j',
  async (some) => {
    const run = { ...usual, ...some }
    const { code, told } = await played(run)
    if (slow) console.log(told)
    expect(code, `to see it again: random-run.ts '${JSON.stringify(run)}'; it said ${told}`).toBe(0)
  },
  usual.ms + 120_000,
)

it.each([
  { worker: './mutants/entries/forgetful-worker.ts', fault: 'lost: ', stallMs: 1000 },
  { worker: './mutants/entries/confused-worker.ts', fault: ' gave ', stallMs: usual.stallMs },
])('is caught when a worker is no good: $worker', async ({ worker, fault, stallMs }) => {
  const run = { sharedMemory: false, threads: 2, whenFull: 'wait' } as const
  const { code, told } = await played({ ...usual, ...run, ms: 5000, worker, stallMs, seed: 1 })
  expect(code).toBe(1)
  expect(told).toContain(fault)
})

/** The run in a process of its own, until that ends by itself. */
async function played(run: Partial<RandomRun>): Promise<{ readonly code: unknown; readonly told: string }> {
  const script = fileURLToPath(new URL('./random-run.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=millrace-source', script, JSON.stringify(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: usual.ms + 90_000,
  })
  let told = ''
  child.stdout.on('data', (data) => {
    told += data
  })
  // Behind its end comes what it had said.
  const [code] = await once(child, 'close')
  return { code, told }
}
