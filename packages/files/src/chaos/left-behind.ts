import { readFileSync } from 'node:fs'
import type { Clock } from '@millrace/kernel/clock'

/** How long a worker may take to notice that its engine is gone, milliseconds. */
const LEAVE_MS = 15_000
const LOOK_MS = 50

/** Those of the worker processes that are there for long after their engine has gone. They are ended. */
export async function leftBehind(pids: readonly number[], clock: Clock): Promise<number[]> {
  const until = clock.now() + LEAVE_MS
  let there = pids.filter(isWorker)
  while (there.length > 0 && clock.now() < until) {
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve))
    there = there.filter(isWorker)
  }
  for (const pid of there) process.kill(pid, 'SIGKILL')
  return there
}

/** Whether a process is there and one of ours; its number may have gone to another, which elsewhere than on Linux does not show. */
function isWorker(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('worker-process')
  } catch {
    return false
  }
}
