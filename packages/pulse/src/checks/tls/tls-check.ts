import type { TLSSocket } from 'node:tls'
import { type CheckKind, type Prober, type ProberContext, Verdict } from '../check.ts'
import { hostOf, isHost, portOf, readHostAndPort } from '../tcp/host-and-port.ts'
import type { NetworkOptions } from '../tcp/network-options.ts'
import { OwnedSocket, type SocketOwner } from '../tcp/owned-socket.ts'
import { Probe } from '../tcp/probe.ts'
import { ProbeLine } from '../tcp/probe-line.ts'
import { Secure } from './secure.ts'
import { tlsFault } from './tls-fault.ts'

export interface TlsOptions {
  /** Whose certificate it is to be; undefined for the host's. */
  readonly serverName?: string
  /** With fewer days left, it passes with a warning. */
  readonly warnDays: number
  /** With fewer days left, it fails. */
  readonly criticalDays: number
}

const DAY_MS = 86_400_000
const MOST_DAYS = 100_000

/**
 * Whether a server's certificate holds, and for how long: `{ host, port, server_name, warn_days, critical_days }`.
 *
 * Of the server's own certificate; those between it and its issuer have to hold today.
 */
export function createTlsCheck(options: NetworkOptions = {}): CheckKind<TlsOptions> {
  return {
    type: 'tls',
    parse(fields) {
      const target = readHostAndPort(fields)
      const serverName = fields.has('server_name') ? fields.string('server_name').toLowerCase() : undefined
      if (serverName !== undefined && serverName !== '' && !isHost(serverName)) {
        fields.fault('server_name', 'must be the name, or the address, that the certificate is for: example.org')
      }
      const warnDays = fields.integer('warn_days', { min: 0, max: MOST_DAYS }, 30)
      const criticalDays = fields.integer('critical_days', { min: 0, max: MOST_DAYS }, 7)
      if (criticalDays > warnDays && fields.has('critical_days')) {
        fields.fault('critical_days', `must be at most warn_days (${warnDays}): what is critical was warned of before`)
      }
      fields.end()
      return { target, options: { ...(serverName && { serverName }), warnDays, criticalDays } }
    },
    hostOf,
    createProber: (context) => new TlsProber(context, options),
  }
}

class TlsProber implements Prober<TlsOptions> {
  readonly #line: ProbeLine
  readonly #secure: Secure

  constructor({ end }: ProberContext, options: NetworkOptions) {
    this.#line = new ProbeLine(end, options)
    this.#secure = new Secure(options.ca)
  }

  probe(ticket: number, target: string, options: TlsOptions, timeoutMs: number): void {
    new TlsProbe(this.#line, this.#secure, ticket, options, timeoutMs).begin(target)
  }

  expire(ticket: number): void {
    this.#line.expire(ticket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line[Symbol.dispose]()
  }
}

class TlsProbe extends Probe implements SocketOwner {
  readonly #secure: Secure
  readonly #options: TlsOptions
  #host = ''
  #port = 0
  #socket: OwnedSocket | undefined
  #isInHandshake = false

  constructor(line: ProbeLine, secure: Secure, ticket: number, options: TlsOptions, timeoutMs: number) {
    super(line, ticket, timeoutMs)
    this.#secure = secure
    this.#options = options
  }

  begin(target: string): void {
    this.#host = hostOf(target)
    this.#port = portOf(target)
    this.reach(this.#host)
  }

  connected(): void {
    this.isConnected()
    this.#isInHandshake = true
    const { serverName = this.#host } = this.#options
    const stream = this.#secure.begin(this.#socket!, { serverName, isStrict: true })
    stream.on('error', (error) => this.#handshakeFailed(error)).on('close', () => this.ended())
    stream.on('secureConnect', () => this.#judge(stream))
  }

  received(): void {}

  ended(): void {
    this.fail('hung up during the TLS handshake')
  }

  broke(error: Error): void {
    if (this.#isInHandshake) this.#handshakeFailed(error)
    else this.refused(error)
  }

  protected override connect(address: string): void {
    this.#socket = new OwnedSocket(this, false)
    this.#socket.connect({ host: address, port: this.#port })
  }

  protected override close(): void {
    this.#socket?.discard()
  }

  protected override late(): string {
    return 'no end of the TLS handshake in time'
  }

  #handshakeFailed(error: Error): void {
    this.endBy(error, tlsFault(error))
  }

  #judge(stream: TLSSocket): void {
    const until = stream.getPeerX509Certificate()?.validToDate.getTime() ?? 0
    const days = Math.floor((until - this.line.clock.wallNow()) / DAY_MS)
    const { warnDays, criticalDays } = this.#options
    if (days < criticalDays) this.fail(endsIn(days))
    else if (days < warnDays) this.end(Verdict.WARN, endsIn(days))
    else this.end(Verdict.PASS)
  }
}

function endsIn(days: number): string {
  if (days < 1) return 'its certificate ends within a day'
  return `its certificate ends in ${days} ${days === 1 ? 'day' : 'days'}`
}
