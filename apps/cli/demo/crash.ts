/**
 * A job that cannot lose a file, shown: `npm run crash-demo [-- DIR]`.
 *
 * Runs the real command over DIR once in peace; then once more, in another ledger, killing it again and again with SIGKILL, and resuming it each time.
 * In the end the books balance, and the two outputs are the same to the byte.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

interface Line {
  readonly event: string
  readonly [fact: string]: unknown
}

/** Batches after which it is killed, one number a start; the last start is left in peace. */
const KILLS = [4, 7, 5, 9, 6]
const BIN = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))
const ROOT = process.argv[2] ?? 'node_modules'

const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-demo-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

say(`One run over ${ROOT} in peace …`)
const peace = place('peace')
told(await millrace(['run', ROOT, '--vendor', ...peace.flags], Number.POSITIVE_INFINITY))

const storm = place('storm')
for (const [start, batches] of [...KILLS, Number.POSITIVE_INFINITY].entries()) {
  const command = start === 0 ? ['run', ROOT, '--vendor', ...storm.flags] : ['resume', '--state', storm.state]
  say(start === 0 ? `Another, killed again and again (kill -9) …` : `Resumed …`)
  const summary = await millrace(command, batches)
  if (summary !== undefined) {
    told(summary)
    break
  }
  say(`  killed after ${batches} batches`)
}

const [calm, rough] = [sha256(peace.out), sha256(storm.out)]
say(`in peace  ${calm}\nkilled    ${rough}`)
say(calm === rough ? 'The outputs are the same, to the byte.' : 'THE OUTPUTS DIFFER.')
process.exitCode = calm === rough ? 0 : 1

/** A ledger and an output of their own. */
function place(name: string) {
  const state = join(folder, name)
  const out = join(folder, `${name}.jsonl`)
  return { state, out, flags: ['--state', state, '--out', out] }
}

/** Runs the command, and kills it after so many batches; gives its summary where it came to its end. */
async function millrace(args: readonly string[], batches: number): Promise<Line | undefined> {
  const child = spawn(process.execPath, [BIN, 'files', ...args, '--json', '--batch-size', '100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let summary: Line | undefined
  let committed = 0
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line
    if (line.event === 'summary') summary = line
    if (line.event === 'batch-committed' && ++committed === batches) child.kill('SIGKILL')
  }
  await ended(child)
  return summary
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
}

function told(summary: Line | undefined): void {
  if (summary === undefined) throw new Error('the command said nothing of its end')
  const { discovered, delivered, quarantined, excluded, starts } = summary
  say(
    `  ${discovered} = ${delivered} delivered + ${quarantined} quarantined + ${excluded} excluded, in ${starts} start(s)`,
  )
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
