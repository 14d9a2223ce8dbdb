import type { Resolver } from 'node:dns/promises'

/** The records that can be asked for. */
export const RECORDS = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const

export type RecordType = (typeof RECORDS)[number]

/** Asks for the records of a name: each as text, as zone files have it, without a dot at the end. */
export async function recordsOf(resolver: Resolver, name: string, type: RecordType): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name)
    case 'AAAA':
      return resolver.resolve6(name)
    case 'CNAME':
      return resolver.resolveCname(name)
    case 'NS':
      return resolver.resolveNs(name)
    case 'PTR':
      return resolver.resolvePtr(name)
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    case 'MX':
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`)
    case 'SRV':
      return (await resolver.resolveSrv(name)).map(
        ({ priority, weight, port, name: host }) => `${priority} ${weight} ${port} ${host}`,
      )
    case 'CAA':
      return (await resolver.resolveCaa(name)).map(({ critical, ...property }) => {
        const [tag = '', value = ''] = Object.entries(property).find(([key]) => key !== 'type') ?? []
        return `${critical} ${tag} ${String(value)}`
      })
    case 'SOA': {
      const { nsname, hostmaster, serial } = await resolver.resolveSoa(name)
      return [`${nsname} ${hostmaster} ${serial}`]
    }
  }
}

/** A record in the form in which two are compared: names are the same in capitals, and with a dot at the end. */
export function comparable(record: string, type: RecordType): string {
  return type === 'TXT' ? record : record.toLowerCase().replace(/\.$/, '')
}
