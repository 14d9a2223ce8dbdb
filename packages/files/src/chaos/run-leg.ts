import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Clock, Timer } from '@millrace/kernel/clock'
import { entryArgs } from '../entry-args.ts'
import type { ChaosLine, ChaosOrder } from './chaos-order.ts'

/** How one start of the engine ended. `hung`: nothing was heard of it for too long, and it was killed for that. */
export type LegEnd =
  | Extract<ChaosLine, { type: 'ended' | 'failed' }>
  | { readonly type: 'killed' }
  | { readonly type: 'hung'; readonly seconds: number }
  | { readonly type: 'died'; readonly how: string }

export interface LegResult {
  readonly end: LegEnd
  readonly made: readonly Extract<ChaosLine, { type: 'made' }>[]
  readonly workers: readonly number[]
}

export interface RunLegOptions {
  /** The entry of the engine's process. */
  readonly driver: URL
  /** Where the order is put. */
  readonly folder: string
  /** What the processors are looked up from. */
  readonly base: string
  /** Longest silence, milliseconds. */
  readonly silenceMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of each fault when it is made. */
  readonly onMade?: (made: Extract<ChaosLine, { type: 'made' }>) => void
}

/** The end of what the process printed as errors that is kept, characters. */
const KEPT = 2000

/**
 * Starts an engine in a process of its own and waits until it is gone.
 * @throws the signal's reason; the process is then gone too.
 */
export async function runLeg(order: ChaosOrder, options: RunLegOptions): Promise<LegResult> {
  const { driver, folder, base, silenceMs, clock, signal } = options
  signal.throwIfAborted()
  const place = join(folder, 'order.json')
  writeFileSync(place, JSON.stringify(order))
  const child = spawn(process.execPath, [...entryArgs(), fileURLToPath(driver), place], {
    cwd: base,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // PERF: what one of many short-lived processes has compiled the others need not: a third of a start's time.
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled'), ...process.env },
  })
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const heard: ChaosLine[] = []
  const timers = new Set<Timer>()
  let silence: Timer | undefined
  let hung = false
  const listen = () => {
    silence?.cancel()
    silence = clock.after(silenceMs, () => {
      hung = true
      child.kill('SIGKILL')
    })
  }
  const abort = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', abort)
  listen()
  let complained = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complained = (complained + text).slice(-KEPT)
  })
  readLines(child, (line) => {
    listen()
    if (line.type !== 'alive') heard.push(line)
    if (line.type === 'made') options.onMade?.(line)
    if (line.type === 'stopping') timers.add(clock.after(line.ms, () => child.kill('SIGCONT')))
  })
  try {
    const [code, killedBy] = await closed
    signal.throwIfAborted()
    const made = heard.filter((line) => line.type === 'made')
    const workers = heard.flatMap((line) => (line.type === 'worker' ? [line.pid] : []))
    return { end: endOf(), made, workers }

    function endOf(): LegEnd {
      if (hung) return { type: 'hung', seconds: silenceMs / 1000 }
      const end = heard.find((line) => line.type === 'ended' || line.type === 'failed')
      if (end !== undefined) return end
      const planned = order.faults.find(({ kind }) => kind === 'kill-engine')
      const wasOurs = killedBy === 'SIGKILL' && heard.some((line) => line.type === 'made' && line.id === planned?.id)
      return wasOurs
        ? { type: 'killed' }
        : { type: 'died', how: `${killedBy ?? `exit code ${code}`} ${complained}`.trim() }
    }
  } finally {
    silence?.cancel()
    for (const timer of timers) timer.cancel()
    signal.removeEventListener('abort', abort)
  }
}

function readLines(child: ChildProcess, hear: (line: ChaosLine) => void): void {
  let rest = ''
  const lines = child.stdio[3] as Readable
  lines.setEncoding('utf8').on('data', (text: string) => {
    const [last = '', ...whole] = (rest + text).split('\n').reverse()
    rest = last
    for (const line of whole.reverse()) hear(JSON.parse(line) as ChaosLine)
  })
}
