import { isIP } from 'node:net'
import { Verdict } from '../check.ts'
import type { DnsAnswer, DnsWaiter } from '../dns-cache.ts'
import { ownFault } from '../own-fault.ts'
import { connectionFault, isUnreachable } from './connection-fault.ts'
import type { Timed } from './deadlines.ts'
import type { Expiring, ProbeLine } from './probe-line.ts'

const NO_ANSWER = { code: 'ETIMEDOUT' }
const STOPPED = 'the checks were stopped'
const STOOD_STILL = 'this process stood still'

/**
 * A check under way, from a name over addresses and a connection to its end, which is told once.
 *
 * Where a name has several addresses, the next is tried when one refuses, or has had its share of the time. What is heard after the end does nothing.
 */
export abstract class Probe implements Timed, Expiring, DnsWaiter {
  protected readonly line: ProbeLine
  readonly #ticket: number
  readonly #timeoutMs: number
  /** Of the clock. */
  protected readonly startedAt: number
  readonly #stoodStillBefore: number
  #slot: number
  #isOver = false
  #answer: DnsAnswer | undefined
  /** Addresses not tried yet, and which of them is the next. */
  #left = 0
  #next = 0
  #isResolving = false
  #isConnecting = false
  /** Why none of the addresses tried so far took a connection: the error that says most of the host. */
  #refusal: unknown
  #latencyMs = -1

  constructor(line: ProbeLine, ticket: number, timeoutMs: number) {
    this.line = line
    this.#ticket = ticket
    this.#timeoutMs = timeoutMs
    this.startedAt = line.clock.now()
    this.#stoodStillBefore = line.deadlines.stoodStillMs
    this.#slot = line.deadlines.add(this, this.startedAt + timeoutMs)
    line.begun(ticket, this)
    if (line.isClosed) process.nextTick(stop, this)
  }

  protected get isOver(): boolean {
    return this.#isOver
  }

  /** Finds a way to a host, a name in small letters or an address; then `connect` is called, of a name with one address after another. */
  protected reach(host: string): void {
    this.#refusal = undefined
    if (isAddress(host)) {
      this.#left = 0
      this.#isConnecting = true
      this.connect(host)
      return
    }
    const answer = this.line.names.find(host, this)
    if (answer === undefined) this.#isResolving = true
    else this.#take(answer)
  }

  resolved(answer: DnsAnswer): void {
    if (!this.#isOver) this.#take(answer)
  }

  /** Opens a connection; what became of it is told by `isConnected` or `refused`, later. */
  protected abstract connect(address: string): void
  /** Lets go of what is open. Called at the end, and before the next address; repeatable. */
  protected abstract close(): void
  /** Why there is no verdict when the time is over, with a connection. */
  protected abstract late(): string

  /** There is a connection: the rest of the time is for it. */
  protected isConnected(): void {
    this.#isConnecting = false
    if (this.#left > 0) this.line.deadlines.move(this.#slot, this.startedAt + this.#timeoutMs)
    this.#left = 0
  }

  /** There is no connection to this address. */
  protected refused(error: unknown): void {
    if (this.#isOver) return
    if (this.#refusal === undefined || !isUnreachable(error)) this.#refusal = error
    if (this.#left > 0) this.#tryNext()
    else this.endBy(this.#refusal, connectionFault(this.#refusal))
  }

  /** The answer is there: what follows takes none of its time. */
  protected answered(): void {
    this.#latencyMs = this.line.clock.now() - this.startedAt
  }

  /** From the beginning to the answer, or to now. */
  protected latencyMs(): number {
    return this.#latencyMs >= 0 ? this.#latencyMs : this.line.clock.now() - this.startedAt
  }

  /** Whether the thread stood still for more than half of `ms`, so that nothing is known of the target. */
  protected stoodStill(ms: number): boolean {
    return 2 * (this.line.deadlines.stoodStillMs - this.#stoodStillBefore) > ms
  }

  /** As `fail`, unless the error is this machine's own. */
  protected endBy(error: unknown, reason: string): void {
    const fault = ownFault(error)
    if (fault === undefined) this.end(Verdict.FAIL, reason)
    else this.end(Verdict.FAULT, fault)
  }

  protected end(verdict: Verdict, reason?: string): void {
    if (this.#isOver) return
    this.#isOver = true
    const latencyMs = this.latencyMs()
    if (this.#slot >= 0) this.line.deadlines.remove(this.#slot)
    this.close()
    this.line.end(this.#ticket, verdict, latencyMs, reason)
  }

  protected fail(reason: string): void {
    this.end(Verdict.FAIL, reason)
  }

  /** As `fail`, from within the call in which the probe begins. */
  protected failSoon(reason: string): void {
    process.nextTick(failNow, this, reason)
  }

  expired(): void {
    this.#slot = -1
    if (this.#isOver) return
    if (this.#isConnecting && this.#left > 0) {
      this.#refusal ??= NO_ANSWER
      this.#slot = this.line.deadlines.add(this, this.startedAt + this.#timeoutMs)
      this.#tryNext()
    } else this.outOfTime()
  }

  expire(): void {
    if (!this.#isOver) this.outOfTime()
  }

  /** Ends it, with what is known of it. */
  protected outOfTime(): void {
    if (this.stoodStill(this.#timeoutMs)) this.end(Verdict.FAULT, STOOD_STILL)
    else this.end(Verdict.FAIL, this.#whyLate())
  }

  #whyLate(): string {
    if (this.#isResolving) return 'does not resolve in time'
    return this.#isConnecting ? 'no connection in time' : this.late()
  }

  /** The prober closes. */
  stop(): void {
    this.end(Verdict.FAULT, STOPPED)
  }

  static fail(probe: Probe, reason: string): void {
    probe.fail(reason)
  }

  #take(answer: DnsAnswer): void {
    this.#isResolving = false
    if (answer.reason !== undefined) {
      this.failSoon(answer.reason)
      return
    }
    this.#answer = answer
    this.#left = answer.addresses.length
    this.#next = answer.turn
    answer.turn = (answer.turn + 1) % answer.addresses.length
    this.#tryNext()
  }

  #tryNext(): void {
    this.close()
    const { addresses } = this.#answer!
    const address = addresses[this.#next]!
    this.#next = (this.#next + 1) % addresses.length
    if (this.#left > 1) {
      const now = this.line.clock.now()
      const restMs = this.startedAt + this.#timeoutMs - now
      this.line.deadlines.move(this.#slot, now + restMs / this.#left)
    } else if (addresses.length > 1) this.line.deadlines.move(this.#slot, this.startedAt + this.#timeoutMs)
    this.#left--
    this.#isConnecting = true
    this.connect(address)
  }
}

/** Whether a host is an address: one with a colon, or digits and dots. */
function isAddress(host: string): boolean {
  const last = host.charCodeAt(host.length - 1)
  // PERF: no top-level domain ends in a digit; a name within a network may. bench/pulse/probes.bench.ts
  return ((last >= 48 && last <= 57) || host.includes(':')) && isIP(host) !== 0
}

function failNow(probe: Probe, reason: string): void {
  Probe.fail(probe, reason)
}

function stop(probe: Probe): void {
  probe.stop()
}
