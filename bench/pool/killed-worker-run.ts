/** Many tasks through one pool, of which the one in the middle ends its worker. Prints what became of all as the process ends, however it does. */
import { writeSync } from 'node:fs'
import { millrace } from './ours/pool.ts'
import { peers } from './peers/peers.ts'
import { type Death, type Step, stepResult } from './work.ts'

export interface KilledWorkerOutcome {
  results: number
  rejected: number
  /** Results that are not those of their tasks. */
  wrong: number
  /** From the first call until the last was settled. */
  seconds: number
  /** What was said to those that were rejected. */
  reasons: string[]
}

/** When nothing settles for so long, nothing will. */
const SILENT_MS = 3000
const REASON_CHARACTERS = 60

const [name, death, tasks, rounds] = process.argv.slice(2)
const peer = [millrace, ...peers].find((one) => one.name === name)!
const pool = peer.settings[0]!.open(2)
const outcome: KilledWorkerOutcome = { results: 0, rejected: 0, wrong: 0, seconds: 0, reasons: [] }
process.on('exit', () => writeSync(1, `\n${JSON.stringify(outcome)}\n`))

await Promise.all(Array.from({ length: 100 }, (_, id) => pool.run('step', stepOf(id))))

const started = performance.now()
const calls = Array.from({ length: Number(tasks) }, async (_, id) => {
  const isLast = id === Number(tasks) >> 1
  try {
    const result = await pool.run('step', { ...stepOf(id), ...(isLast && { death: death as Death }) })
    if (result === stepResult(id)) outcome.results++
    else outcome.wrong++
  } catch (error) {
    outcome.rejected++
    const reason = reasonOf(error)
    if (!outcome.reasons.includes(reason)) outcome.reasons.push(reason)
  }
  outcome.seconds = (performance.now() - started) / 1000
})
let settled = -1
const watch = setInterval(() => {
  if (outcome.results + outcome.rejected + outcome.wrong === settled) process.exit(0)
  settled = outcome.results + outcome.rejected + outcome.wrong
}, SILENT_MS)
await Promise.all(calls)
clearInterval(watch)
process.exit(0)

function stepOf(id: number): Step {
  return { id, rounds: Number(rounds) }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? `${error.code}: ` : ''
  return (code + error.message).split('\n')[0]!.slice(0, REASON_CHARACTERS)
}
