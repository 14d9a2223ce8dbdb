import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'

/** What the engine's defaults are made from. */
export interface Machine {
  /** Cores this process may use. */
  readonly cores: number
  /** Memory in all, MB; of the container, where there is a limit. */
  readonly memoryMb: number
}

export function thisMachine(): Machine {
  const limitMb = process.constrainedMemory() / 1048576
  const totalMb = totalmem() / 1048576
  return { cores: availableParallelism(), memoryMb: Math.floor(limitMb > 0 ? Math.min(limitMb, totalMb) : totalMb) }
}

/** Memory the machine can still give, MB: caches that can be dropped count, where the system tells them (Linux). */
export function availableMb(): number {
  try {
    const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'))
    if (match !== null) return Number(match[1]) / 1024
  } catch {
    // Not Linux: free memory is what there is to know.
  }
  return freemem() / 1048576
}

/** Processor time all programs have used since the machine started, milliseconds, all cores together. */
export function busyMsOfMachine(): number {
  let ms = 0
  for (const { times } of cpus()) ms += times.user + times.nice + times.sys + times.irq
  return ms
}
