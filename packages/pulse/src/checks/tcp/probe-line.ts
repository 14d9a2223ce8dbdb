import { type Clock, systemClock } from '@millrace/kernel/clock'
import type { ProbeEnd } from '../check.ts'
import { DnsCache } from '../dns-cache.ts'
import { Deadlines } from './deadlines.ts'
import type { NetworkOptions } from './network-options.ts'

/** What the probes of a prober share: the clock, deadlines, names, and whom they tell of their ends. */
export class ProbeLine implements Disposable {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly names: DnsCache
  readonly end: ProbeEnd
  #isClosed = false

  constructor(end: ProbeEnd, { clock = systemClock, dnsServers, hostsFile }: NetworkOptions) {
    this.end = end
    this.clock = clock
    this.deadlines = new Deadlines({ clock })
    this.names = new DnsCache({ clock, servers: dnsServers, hostsFile })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Ends all that is under way. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const item of this.deadlines.items()) item.stop?.()
    this.deadlines[Symbol.dispose]()
    this.names[Symbol.dispose]()
  }
}
