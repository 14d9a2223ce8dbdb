import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Clock } from '@millrace/kernel/clock'
import type { JobOwner } from './ledger.ts'

/** What is known of a process by its number, or undefined where there is none. */
export type ProcessProbe = (pid: number) => { readonly startedMs: number | undefined } | undefined

/** Clocks of the kernel and of a process differ by this much at most. */
const SAME_START_MS = 5000

/** This process, as the owner of jobs. */
export function ownerOfThisProcess(clock: Clock): JobOwner {
  const startedMs = startOf(process.pid) ?? Math.round(clock.wallNow() - process.uptime() * 1000)
  return { pid: process.pid, startedMs, host: hostname() }
}

/**
 * Whether the process that owns a job still runs: there is one of its number, and it started when the owner did. Of a process on another
 * machine nothing can be told, and it is taken to run.
 */
export function isOwnerAlive(owner: JobOwner, probe: ProcessProbe = probeProcess): boolean {
  if (owner.host !== hostname()) return true
  const found = probe(owner.pid)
  if (found === undefined) return false
  return found.startedMs === undefined || Math.abs(found.startedMs - owner.startedMs) < SAME_START_MS
}

/** Looks a process up on this machine; when it started is told on Linux only. */
export const probeProcess: ProcessProbe = (pid) => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there and somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return undefined
  }
  return { startedMs: startOf(pid) }
}

/** From /proc: the start in hundredths of a second after boot, and the second of the boot. See proc(5). */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
    const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]
    return boot === undefined ? undefined : Number(boot) * 1000 + ticks * 10
  } catch {
    return undefined
  }
}
