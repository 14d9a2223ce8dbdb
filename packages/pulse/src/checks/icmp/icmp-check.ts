import { isIP } from 'node:net'
import { systemClock } from '@millrace/kernel/clock'
import { CallProber } from '../call-prober.ts'
import { type CheckKind, Verdict } from '../check.ts'
import { type DnsAnswer, DnsCache } from '../dns-cache.ts'
import { PingBatches, type PingBatchesOptions } from './ping-batches.ts'

export interface IcmpCheckOptions {
  readonly count: number
}

/** No option of a program's, whatever it is. */
const HOST_NAME = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,252}$/

/** Whether a host answers to pings: `{ host, count }`. It is pinged at most `count` times, and the first reply is enough. */
export function icmpCheck(options: PingBatchesOptions = {}): CheckKind<IcmpCheckOptions> {
  return {
    type: 'icmp',
    maxUnderWay: 1000,
    parse(fields) {
      const target = fields.string('host')
      if (target !== '' && isIP(target) === 0 && !HOST_NAME.test(target)) {
        fields.fault('host', 'must be the name or the address of a host')
      }
      const count = fields.integer('count', { min: 1, max: 20 }, 1)
      fields.end()
      return { target, options: { count } }
    },
    hostOf: (target) => target,
    createProber({ end }) {
      const batches = new PingBatches(options)
      const names = new DnsCache({ clock: options.clock ?? systemClock })
      return new CallProber<IcmpCheckOptions>({
        end,
        clock: options.clock,
        async check(target, { count }, { timeoutMs }) {
          if (isIP(target) !== 0) return batches.ping(target, count, timeoutMs)
          const { addresses, reason } = await resolve(target.toLowerCase(), names)
          const [address] = addresses
          if (address === undefined) return { verdict: Verdict.FAIL, reason }
          return batches.ping(address, count, timeoutMs)
        },
        close() {
          names[Symbol.dispose]()
          batches.close()
        },
      })
    },
  }
}

/** Not by `fping`, which would look up one name after the other: a slow one would hold up all behind it. */
function resolve(name: string, names: DnsCache): Promise<DnsAnswer> {
  return new Promise((resolved) => {
    const answer = names.find(name, { resolved })
    if (answer !== undefined) resolved(answer)
  })
}
