import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Timer } from '@millrace/kernel/clock'
import { entryArgs } from '../entry-args.ts'
import { entryUrl } from '../entry-url.ts'
import type { DiscoveredFile } from '../file.ts'
import { hasGrown, type LeakFacts, leakOf } from './leak.ts'
import type { ProbeMessage, ProbeOrder } from './probe-order.ts'

export interface ProbeOptions
  extends Pick<ProbeOrder, 'root' | 'processors' | 'base' | 'files' | 'repeats' | 'weighings' | 'weighsEach'> {
  /** Where the order is put. */
  readonly folder: string
  readonly deadlineMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What was seen of a processor that had files again and again in one process. */
export interface ProbeFacts {
  /** Files whose record was not the same each time. */
  readonly unsteady: readonly string[]
  /** The file at which the process ended or did not answer any more; the rest was then not tried. */
  readonly ended: { readonly path: string; readonly how: 'crashed' | 'hung'; readonly told: string } | undefined
  /** Whether more memory was held after each weighing of all files than before it. */
  readonly grew: boolean
  /** Where each file was weighed. */
  readonly leak: LeakFacts | undefined
}

const START_MS = 30_000

/**
 * Gives files to the processor again and again, in one process of their own, and looks whether their records stay the same and what is kept of them.
 * @throws the signal's reason.
 */
export async function probe(options: ProbeOptions): Promise<ProbeFacts> {
  const { root, processors, base, files, repeats, weighings, weighsEach, folder, deadlineMs, clock, signal } = options
  signal.throwIfAborted()
  const token = randomUUID()
  const place = join(folder, 'probe.json')
  writeFileSync(
    place,
    JSON.stringify({ root, processors, base, files, repeats, weighings, weighsEach, token } satisfies ProbeOrder),
  )
  const child = fork(entryUrl('./probe-driver', import.meta.url), [place], {
    cwd: base,
    execArgv: [...entryArgs(), '--expose-gc'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // A group of its own, so that what a processor has started ends with it.
    detached: process.platform !== 'win32',
  })
  const kill = () => killGroup(child.pid)
  const heard: ProbeMessage[] = []
  let current = -1
  let over = false
  let silent = false
  let silence: Timer | undefined
  const listen = (ms: number) => {
    silence?.cancel()
    silence = clock.after(ms, () => {
      silent = true
      kill()
    })
  }
  listen(START_MS)
  signal.addEventListener('abort', kill)
  child.on('message', (message: Partial<ProbeMessage> | null) => {
    if (message?.token !== token) return
    listen(deadlineMs + 1000)
    const told = message as ProbeMessage
    if (told.type === 'begin') current = told.index
    else if (told.type === 'over') over = true
    else heard.push(told)
  })
  try {
    const how = await new Promise<string>((resolve) => {
      child.on('error', ({ message }) => resolve(message))
      child.on('exit', (code, by) => resolve(by === null ? `exited with code ${code}` : `was killed by ${by}`))
    })
    signal.throwIfAborted()
    const path = files[current]?.path
    const ended =
      over || path === undefined
        ? undefined
        : silent
          ? ({ path, how: 'hung', told: `gave no answer within ${deadlineMs / 1000} s` } as const)
          : ({ path, how: 'crashed', told: `ended its process, which ${how}` } as const)
    return {
      ended,
      unsteady: unsteadyOf(files, heard),
      grew: hasGrown(files, heard, weighings),
      leak: leakOf(files, heard, weighings),
    }
  } finally {
    silence?.cancel()
    signal.removeEventListener('abort', kill)
    kill()
  }
}

/** Files whose records differ between passes. */
function unsteadyOf(files: readonly DiscoveredFile[], heard: readonly ProbeMessage[]): string[] {
  const first = new Map<number, string>()
  const unsteady = new Set<number>()
  for (const message of heard) {
    if (message.type !== 'record') continue
    const digest = first.get(message.index)
    if (digest === undefined) first.set(message.index, message.digest)
    else if (digest !== message.digest) unsteady.add(message.index)
  }
  return [...unsteady].sort((left, right) => left - right).map((index) => files[index]!.path)
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It is gone, and so is all it started.
  }
}
