import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Books } from '../../src/ledger/ledger.ts'
import type { CrashScene, Leg } from './crash-scene.ts'
import { isBroken, takenFiles } from './independent-walk.ts'

/** What an undisturbed run over the same tree came to. */
export interface Reference {
  readonly books: Books
  readonly output: Buffer
}

export interface Audit {
  readonly scene: CrashScene
  readonly root: string
  readonly reference: Reference
  readonly legs: readonly Leg[]
  readonly config: { readonly batchSize: number; readonly workerCount: number }
}

/** What a fault is about; after it stands the evidence. */
export type Fault =
  | `did not end: ${string}`
  | `books: ${string}`
  | `lost: ${string}`
  | `doubled: ${string}`
  | `extra: ${string}`
  | 'output differs'
  | `redone: ${string}`
  | `stray: ${string}`
  | `left behind: ${string}`

/** Everything that is wrong after a series of starts and kills whose last start should have brought the job to its end. */
export async function audit({ scene, root, reference, legs, config }: Audit): Promise<readonly Fault[]> {
  const last = legs.at(-1)!
  if (last.end.type !== 'ended') return [`did not end: ${JSON.stringify(last.end)}`]
  const { books, balanced } = last.end.result
  const output = scene.output()
  const faults: Fault[] = []
  if (!balanced || JSON.stringify(books) !== JSON.stringify(reference.books))
    faults.push(`books: ${JSON.stringify(books)}`)
  faults.push(...againstTheTree(output, root))
  if (!output.equals(reference.output)) faults.push('output differs')
  faults.push(...doneTwice(legs, config))
  for (const name of scene.strays()) faults.push(`stray: ${name}`)
  for (const pid of await leftBehind(legs.flatMap(({ workers }) => workers))) faults.push(`left behind: ${pid}`)
  return faults
}

/** The output's paths beside those of an independent walk. */
function againstTheTree(output: Buffer, root: string): Fault[] {
  const faults: Fault[] = []
  const exported = new Set<string>()
  for (const line of output.toString('utf8').split('\n').slice(0, -1)) {
    const { path } = JSON.parse(line) as { path?: string }
    if (exported.has(path ?? '')) faults.push(`doubled: ${path}`)
    exported.add(path ?? '')
  }
  for (const path of takenFiles(root)) if (!isBroken(path) && !exported.delete(path)) faults.push(`lost: ${path}`)
  for (const path of exported) faults.push(`extra: ${path}`)
  return faults
}

/** Whether more was done again than a kill may cost: a batch of every worker at an engine's end, the batch it had in hand at a worker's. */
function doneTwice(legs: readonly Leg[], { batchSize, workerCount }: Audit['config']): Fault[] {
  const faults: Fault[] = []
  const redone = redoneByLeg(legs)
  for (const [index, { end, workersKilled }] of legs.entries()) {
    const byEngine = end.type === 'ended' ? 0 : batchSize * workerCount
    const byWorkers = batchSize * workersKilled
    const most = byEngine + byWorkers
    if (redone[index]! > most) faults.push(`redone: ${redone[index]} files of start ${index}, at most ${most} expected`)
  }
  return faults
}

/**
 * How many files each start processed that a later start had to process again. Within a start, what its dead workers had in hand.
 * Broken ones do not count: a new job tries them again.
 */
function redoneByLeg(legs: readonly Leg[]): number[] {
  const last = new Map<string, number>()
  const redone = legs.map(() => 0)
  for (const [leg, { processed }] of legs.entries()) {
    for (const path of processed.filter((path) => !isBroken(path))) {
      const before = last.get(path)
      if (before !== undefined) redone[before]!++
      last.set(path, leg)
    }
  }
  return redone
}

/** How long an orphan may take to notice, milliseconds. */
const ORPHANS_LEAVE_MS = 15_000

/** Worker processes that outlive their engine for long. */
async function leftBehind(pids: readonly number[]): Promise<number[]> {
  const until = performance.now() + ORPHANS_LEAVE_MS
  let there = pids.filter(isWorker)
  while (there.length > 0 && performance.now() < until) {
    await pause(20)
    there = there.filter(isWorker)
  }
  for (const pid of there) process.kill(pid, 'SIGKILL')
  return there
}

/** Whether a process is there and one of ours; its number may have gone to another. */
function isWorker(pid: number): boolean {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('worker-process')
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
