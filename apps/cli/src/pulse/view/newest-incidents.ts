import type { MonitorView, Pulse, PulseEvent, StateName } from '@millrace/pulse'

/** States in which something is wrong with a monitor. */
const ILL: readonly StateName[] = ['degraded', 'down', 'overdue', 'needed', 'pending', 'held', 'verifying']

/** So many names are kept: of more, those that began first are forgotten. */
const MAX_NAMES = 1000
/** Between two searches among all monitors, ms. */
const SEARCH_EVERY_MS = 5000

const isIll = new Set<string>(ILL)

/** The incidents that began last, of however many. Hearing is O(1); what is shown is asked of the pulse when it is shown. */
export class NewestIncidents {
  readonly #pulse: Pick<Pulse, 'find' | 'list'>
  /** The newest last. */
  #names = new Set<string>()
  #searchedAt = Number.NEGATIVE_INFINITY

  constructor(pulse: Pick<Pulse, 'find' | 'list'>) {
    this.#pulse = pulse
  }

  hear({ monitor, from, to }: PulseEvent): void {
    if (!isIll.has(to)) this.#names.delete(monitor)
    else if (!isIll.has(from)) {
      this.#names.delete(monitor)
      this.#names.add(monitor)
      if (this.#names.size > MAX_NAMES) this.#forgetOldest()
    }
  }

  /**
   * Monitors with an incident, the newest first.
   * @param total is how many there are: where fewer are known, it is looked for others, now and then.
   */
  newest(count: number, total: number, nowMs: number): readonly MonitorView[] {
    const known = this.#known(count)
    if (known.length >= Math.min(count, total) || nowMs - this.#searchedAt < SEARCH_EVERY_MS) return known
    this.#searchedAt = nowMs
    const found = this.#pulse.list({ states: ILL, limit: MAX_NAMES })
    const oldestFirst = found.toSorted((one, other) => (one.incidentSince ?? 0) - (other.incidentSince ?? 0))
    this.#names = new Set(oldestFirst.map(({ name }) => name))
    return this.#known(count)
  }

  #known(count: number): MonitorView[] {
    const views: MonitorView[] = []
    for (const name of [...this.#names].reverse()) {
      if (views.length === count) break
      const view = this.#pulse.find(name)
      if (view !== undefined && isIll.has(view.state)) views.push(view)
      else this.#names.delete(name)
    }
    return views
  }

  #forgetOldest(): void {
    const { value } = this.#names.values().next()
    if (value !== undefined) this.#names.delete(value)
  }
}
