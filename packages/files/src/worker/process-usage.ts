import { readFileSync } from 'node:fs'

const CLOCK_TICKS_PER_S = 100
const PAGE_BYTES = 4096

/**
 * What a process holds and has used, read from outside, so that one that hangs is measured too. Undefined for one that is
 * gone or about to be, and where the system is not Linux.
 */
export function usageOfProcess(pid: number): { rssMb: number; cpuMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field, the command, may hold spaces: the numbers start after its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const pages = Number(fields[21])
    if (pages === 0) return undefined
    const ticks = Number(fields[11]) + Number(fields[12])
    return { rssMb: (pages * PAGE_BYTES) / 1048576, cpuMs: (ticks * 1000) / CLOCK_TICKS_PER_S }
  } catch {
    return undefined
  }
}
