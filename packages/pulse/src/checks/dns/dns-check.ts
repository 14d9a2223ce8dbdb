import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { CallProber, type Finding } from '../call-prober.ts'
import { type CheckKind, Verdict } from '../check.ts'
import { codeOf, ownFault } from '../own-fault.ts'
import { comparable, RECORDS, type RecordType, recordsOf } from './dns-answer.ts'

export interface DnsCheckOptions {
  /** An address, and a port if it is not 53; undefined for the system's. */
  readonly server?: string
  readonly record: RecordType
  /** All of these must be among the answers. */
  readonly expected: readonly string[]
}

/** Resolvers that are kept: one a server and timeout. */
const MAX_RESOLVERS = 256
/** A second question, as a packet may be lost: c-ares gives it twice the time of the first. */
const TRIES = 2
const SHARES_OF_TIME = 3

const HOST_NAME = /^(?!-)[a-zA-Z0-9_.-]{1,253}$/

/** Whether a name resolves, to what is expected: `{ host, server, record, expected }`. */
export const dnsCheck: CheckKind<DnsCheckOptions> = {
  type: 'dns',
  maxUnderWay: 1000,
  parse(fields) {
    const target = fields.string('host')
    if (target !== '' && !HOST_NAME.test(target)) {
      fields.fault('host', 'must be a name of DNS: letters, digits, - _ and dots, 253 characters at most')
    }
    const server = fields.has('server') ? fields.string('server') : undefined
    if (server !== undefined && !isServer(server)) {
      fields.fault(
        'server',
        'must be an address, with or without a port: 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53',
      )
    }
    const record = fields.oneOf('record', RECORDS, 'A')
    const expected = fields.strings('expected', [])
    fields.end()
    return { target, options: { ...(server !== undefined && { server }), record, expected } }
  },
  hostOf: (_, { server }) => server,
  createProber({ end }) {
    const resolvers = new Map<string, Resolver>()
    return new CallProber<DnsCheckOptions>({
      end,
      async check(target, { server, record, expected }, { timeoutMs }) {
        const resolver = resolverFor(resolvers, server, timeoutMs)
        try {
          return findingOf(await recordsOf(resolver, target, record), expected, record)
        } catch (error) {
          return failureOf(error)
        }
      },
      close() {
        for (const resolver of resolvers.values()) resolver.cancel()
      },
    })
  },
}

function resolverFor(resolvers: Map<string, Resolver>, server: string | undefined, timeoutMs: number): Resolver {
  const key = `${server ?? ''} ${timeoutMs}`
  let resolver = resolvers.get(key)
  if (resolver === undefined) {
    resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeoutMs / SHARES_OF_TIME)), tries: TRIES })
    if (server !== undefined) resolver.setServers([server])
    // What the eldest was asked, it still answers.
    if (resolvers.size === MAX_RESOLVERS) resolvers.delete(resolvers.keys().next().value!)
    resolvers.set(key, resolver)
  }
  return resolver
}

function findingOf(records: readonly string[], expected: readonly string[], type: RecordType): Finding {
  if (records.length === 0) return { verdict: Verdict.FAIL, reason: 'there is no such record' }
  if (expected.length === 0) return { verdict: Verdict.PASS }
  const found = new Set(records.map((record) => comparable(record, type)))
  if (expected.every((record) => found.has(comparable(record, type)))) return { verdict: Verdict.PASS }
  return { verdict: Verdict.FAIL, reason: 'an expected record is not among the answers' }
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'there is no such record',
  ESERVFAIL: 'the server failed',
  EREFUSED: 'the server refused to answer',
  ENOTIMP: 'the server does not know such questions',
  EFORMERR: 'the server did not understand the question',
  EBADRESP: 'the answer is damaged',
  ECONNREFUSED: 'nobody answers at the server',
  ETIMEOUT: 'no answer in time',
  EBADNAME: 'the name is none of DNS',
}

function failureOf(error: unknown): Finding {
  const fault = ownFault(error)
  if (fault !== undefined) return { verdict: Verdict.FAULT, reason: fault }
  const code = codeOf(error)
  return { verdict: Verdict.FAIL, reason: FAILURES[code ?? ''] ?? `does not resolve (${code ?? 'no answer'})` }
}

function isServer(server: string): boolean {
  if (isIP(server) !== 0) return true
  const { address, port }: { address?: string; port?: string } =
    /^(?:\[(?<address>[^\]]+)\]|(?<v4>[\d.]+)):(?<port>\d{1,5})$/.exec(server)?.groups ?? {}
  const host = address ?? server.slice(0, server.lastIndexOf(':'))
  if (port === undefined || isIP(host) === 0) return false
  return Number(port) >= 1 && Number(port) <= 65_535
}
