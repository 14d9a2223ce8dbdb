import type { Clock } from '@millrace/kernel/clock'
import { Naps } from '../alerts/naps.ts'
import { Event, State } from '../lifecycle/states.ts'
import type { MonitorTable } from '../monitors/monitor-table.ts'

export interface OverdueWatchOptions {
  readonly table: MonitorTable
  readonly clock: Clock
  /** What has waited so long for its intervention is told of, in ms. */
  readonly afterMs: number
  readonly happen: (monitor: number, event: Event, reason: string) => void
}

/** A wait, which another may have followed by the time it is over. */
interface Wait {
  readonly monitor: number
  readonly neededAt: number
}

/**
 * Sees to it that nobody waits for an intervention unheard of: who is `needed` still after so long, whatever for (the storm breaker, a place, a full lane), is overdue.
 * It goes on waiting. O(1) a wait, and at most 100 ms late.
 */
export class OverdueWatch {
  readonly #options: OverdueWatchOptions
  readonly #naps: Naps<Wait>

  constructor(options: OverdueWatchOptions) {
    this.#options = options
    this.#naps = new Naps(options.clock, (wait) => this.#wake(wait))
  }

  /** A monitor needs an intervention since its `neededAt`. */
  needed(monitor: number): void {
    const { table, clock, afterMs } = this.#options
    const { neededAt } = table.remember(monitor)
    this.#naps.sleep({ monitor, neededAt }, Math.max(0, neededAt + afterMs - clock.now()))
  }

  stop(): void {
    this.#naps.clear()
  }

  #wake({ monitor, neededAt }: Wait): void {
    const { table, afterMs, happen } = this.#options
    if (table.state[monitor] !== State.NEEDED || table.remembered.get(monitor)?.neededAt !== neededAt) return
    happen(
      monitor,
      Event.OVERDUE,
      `${table.remember(monitor).reason}; its repair has waited for its turn for ${afterMs / 1000} s`,
    )
  }
}
