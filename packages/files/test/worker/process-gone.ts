import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether the process has ended; one that nobody has asked after yet (a zombie) has. */
export function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return true
  }
}

/** Settles with whether the process ended within `limitMs`, which is against hangs and measures nothing. */
export async function endsWithin(limitMs: number, pid: number): Promise<boolean> {
  for (const until = Date.now() + limitMs; Date.now() < until; await sleep(20)) if (hasEnded(pid)) return true
  return hasEnded(pid)
}
