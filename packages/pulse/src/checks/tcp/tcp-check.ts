import { type CheckKind, type Prober, type ProberContext, Verdict } from '../check.ts'
import { hostOf, portOf, readHostAndPort } from './host-and-port.ts'
import type { NetworkOptions } from './network-options.ts'
import { OwnedSocket, type SocketOwner } from './owned-socket.ts'
import { Probe } from './probe.ts'
import { ProbeLine } from './probe-line.ts'

/** There is nothing to say but where. */
export type TcpOptions = Readonly<Record<string, never>>

/** Whether a port takes connections: `{ host, port }`. */
export function createTcpCheck(options: NetworkOptions = {}): CheckKind<TcpOptions> {
  return {
    type: 'tcp',
    parse(fields) {
      const target = readHostAndPort(fields)
      fields.end()
      return { target, options: {} }
    },
    hostOf,
    createProber: (context) => new TcpProber(context, options),
  }
}

class TcpProber implements Prober<TcpOptions> {
  readonly #line: ProbeLine

  constructor({ end }: ProberContext, options: NetworkOptions) {
    this.#line = new ProbeLine(end, options)
  }

  probe(ticket: number, target: string, _: TcpOptions, timeoutMs: number): void {
    new TcpProbe(this.#line, ticket, timeoutMs).begin(target)
  }

  expire(ticket: number): void {
    this.#line.expire(ticket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line[Symbol.dispose]()
  }
}

class TcpProbe extends Probe implements SocketOwner {
  #port = 0
  #socket: OwnedSocket | undefined

  begin(target: string): void {
    this.#port = portOf(target)
    this.reach(hostOf(target))
  }

  connected(): void {
    this.end(Verdict.PASS)
  }

  received(): void {}

  ended(): void {
    this.fail('hung up')
  }

  broke(error: Error): void {
    this.refused(error)
  }

  protected override connect(address: string): void {
    this.#socket = new OwnedSocket(this, true)
    this.#socket.connect({ host: address, port: this.#port })
  }

  protected override close(): void {
    this.#socket?.discard()
  }

  protected override late(): string {
    return 'no connection in time'
  }
}
