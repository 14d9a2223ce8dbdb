import type { HeadroomProbe } from './headroom-watch.ts'
import { availableMb, busyMsOfMachine } from './machine.ts'

/** Measures this machine, this process and its workers, of which `workers` tells what they hold and have used. */
export function machineProbe(
  cores: number,
  workers: () => { readonly rssMb: number; readonly cpuMs: number },
): HeadroomProbe {
  return {
    cores,
    availableMb,
    machineBusyMs: busyMsOfMachine,
    ownUsage() {
      const { user, system } = process.cpuUsage()
      const { rssMb, cpuMs } = workers()
      return { rssMb: process.memoryUsage.rss() / 1048576 + rssMb, cpuMs: (user + system) / 1000 + cpuMs }
    },
  }
}
