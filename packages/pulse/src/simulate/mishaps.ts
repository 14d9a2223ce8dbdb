import type { MonitorSpec } from '../monitors/monitor.ts'
import { drawChanges } from './draw-changes.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import type { SimulatedFaults } from './simulated-faults.ts'
import type { SimulatedProcesses } from './simulated-processes.ts'
import type { SimulatedStore } from './simulated-store.ts'
import type { SimulatedWorld } from './simulated-world.ts'
import type { Witness } from './witness/witness.ts'

export interface MishapsOptions {
  readonly monitors: readonly MonitorSpec[]
  readonly clock: SimulatedClock
  readonly random: () => number
  readonly faults: SimulatedFaults
  readonly world: SimulatedWorld
  readonly store: SimulatedStore
  readonly witness: Witness
  readonly processes: SimulatedProcesses
}

const LONGEST_OUTAGE_MS = 30_000
const LONGEST_STALL_MS = 10_000
const LONGEST_SILENCE_MS = 60_000

/** What happens to an engine as a whole, from time to time: of each million checks as many as the faults say. */
export class Mishaps {
  readonly #options: MishapsOptions
  clockJumps = 0

  constructor(options: MishapsOptions) {
    this.#options = options
  }

  /** So many checks from now. */
  untilNext(): number {
    const each = this.#shares.reduce((sum, share) => sum + share)
    if (each === 0) return Number.POSITIVE_INFINITY
    return Math.ceil((-Math.log(this.#options.random()) * 1e6) / each)
  }

  async happen(): Promise<void> {
    const { random, store, world, witness, processes } = this.#options
    const shares = this.#shares
    let left = random() * shares.reduce((sum, share) => sum + share)
    const which = shares.findIndex((share) => {
      left -= share
      return left < 0
    })
    witness.scene.isStirred = true
    if (which === 1) store.breakDown(Math.floor(random() * LONGEST_OUTAGE_MS))
    else if (which === 2) world.stall(Math.floor(random() * LONGEST_STALL_MS))
    else if (which === 3) this.#jump()
    else if (which === 4) await processes.crash()
    else if (which === 5) await processes.restart()
    else if (which === 6) await this.#reload()
    else this.#act()
  }

  get #shares(): readonly number[] {
    const { storeOutages, stalls, clockJumps, crashes, restarts, reloads, actions } = this.#options.faults
    return [actions, storeOutages, stalls, clockJumps, crashes, restarts, reloads]
  }

  #jump(): void {
    const { random, clock } = this.#options
    this.clockJumps++
    const size = 100 * 10 ** (random() * 5)
    clock.jump(Math.floor(random() < 0.5 ? size : -size))
  }

  async #reload(): Promise<void> {
    const { monitors, random, witness, processes } = this.#options
    await processes.audit()
    await processes.reload(drawChanges(monitors, witness.scene.profiles, random))
  }

  /** Somebody does something with a monitor. */
  #act(): void {
    const { monitors, clock, random, witness, processes } = this.#options
    const { pulse } = processes
    const { isPaused } = witness.scene
    const monitor = Math.floor(random() * monitors.length)
    const action = Math.floor(random() * 6)
    if (!witness.scene.isThere(monitor)) return
    const { name } = monitors[monitor]!
    witness.acted(monitor, action)
    if (action === 0) {
      isPaused[monitor] = 1
      pulse.pause(name)
      if (random() < 0.5) return
      isPaused[monitor] = 0
      pulse.resume(name)
    } else if (action <= 2) {
      isPaused[monitor] = 0
      pulse.resume(name)
    } else if (action === 3) {
      pulse.acknowledge(name)
      witness.acknowledged(monitor)
    } else if (action === 4) {
      const ms = Math.floor(random() * LONGEST_SILENCE_MS)
      pulse.silence(name, ms)
      witness.alerts.silenced(monitor, clock.now() + ms)
    } else pulse.runNow(name)
  }
}
