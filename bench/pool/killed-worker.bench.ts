import { fileURLToPath } from 'node:url'
import type { Bench } from '../harness/bench.ts'
import { runCommand } from '../harness/run-command.ts'
import type { KilledWorkerOutcome } from './killed-worker-run.ts'
import { millrace } from './ours/pool.ts'
import { peers } from './peers/peers.ts'
import { roundsFor } from './rounds-for.ts'
import type { Death } from './work.ts'

const TASKS = 2000
const TASK_MS = 0.2
const BOUND_S = 30

const deaths: Readonly<Record<Death, string>> = {
  exit: '`process.exit` in a task',
  throw: 'an error in a callback, which nobody catches',
}
const script = fileURLToPath(new URL('./killed-worker-run.ts', import.meta.url))

/**
 * What becomes of 2000 tasks when one in the middle ends its worker, one of two? A table of its own, for it is no ratio. Each pool
 * is in a process of its own, which it may take with it.
 */
export default async function killedWorker(bench: Bench): Promise<void> {
  const rounds = roundsFor(TASK_MS)
  const lines = [
    ['pool', 'results', 'rejected', 'never settled', 'last settled after, s', 'told as', 'process'],
    Array.from({ length: 7 }, () => '---'),
  ]
  for (const [death, about] of Object.entries(deaths)) {
    for (const { name } of [millrace, ...peers]) {
      const args = [...process.execArgv, script, name, death, `${TASKS}`, `${rounds}`]
      const { end, stdout, stderr } = await runCommand(process.execPath, args, { cwd: process.cwd(), boundS: BOUND_S })
      const outcome = parse(stdout)
      if (outcome === undefined) throw new Error(`${name}, ${about}: told nothing (${end}): ${stderr}`)
      const { results, rejected, seconds, reasons, wrong } = outcome
      if (wrong > 0) throw new Error(`${name}, ${about}: ${wrong} wrong results`)
      const lost = TASKS - results - rejected
      const isWhole = results === TASKS - 1 && rejected === 1 && end === 'code 0'
      if (name === millrace.name && !isWhole)
        throw new Error(`${name}, ${about}: ${JSON.stringify(outcome)}, ${end}: ${stderr}`)
      const cells = [`${name}, ${death}`, results, rejected, lost, seconds.toFixed(2), reasons.join('; '), end]
      lines.push(cells.map(String))
    }
  }
  const legend = Object.entries(deaths).map(([death, about]) => `*${death}* is ${about}`)
  bench.tell(
    `${TASKS} tasks of ${TASK_MS} ms, 2 workers, one task ends its worker (${legend.join('; ')}):\n\n` +
      lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
  )
}

function parse(stdout: string): KilledWorkerOutcome | undefined {
  const last = stdout.trimEnd().split('\n').at(-1)
  return last?.startsWith('{') ? (JSON.parse(last) as KilledWorkerOutcome) : undefined
}
