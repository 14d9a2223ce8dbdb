import { type RecordWithTtl, Resolver } from 'node:dns'
import type { Clock } from '@millrace/kernel/clock'
import { HostsFile } from './hosts-file.ts'
import { codeOf } from './own-fault.ts'

export interface DnsCacheOptions {
  readonly clock: Clock
  /** Name servers, each an address with or without a port. @default the system's */
  readonly servers?: readonly string[] | undefined
  /** @default '/etc/hosts' */
  readonly hostsFile?: string | undefined
  /** Names remembered at most, at least 1. @default 65536 */
  readonly maxNames?: number | undefined
}

/** What a name came to: addresses, or the reason why there are none. */
export interface DnsAnswer {
  /** At most 8, of both families in turns; empty if the name does not resolve. */
  readonly addresses: readonly string[]
  readonly reason: string | undefined
  /** Of the addresses, whose turn it is to be the first; whoever takes it moves it on. */
  turn: number
}

/** Who waits for an answer; told once. */
export interface DnsWaiter {
  resolved(answer: DnsAnswer): void
}

const MOST_ADDRESSES = 8
const LEAST_TTL_MS = 1000
const MOST_TTL_MS = 300_000
/** How long a name that is not there is believed not to be. */
const NOWHERE_TTL_MS = 5000
/** How long servers that did not answer are not asked again. */
const SILENT_TTL_MS = 1000
const QUESTION_MS = 1500
const TRIES = 2
/** In which a name server says that there is nothing of the kind. */
const NOWHERE = ['ENOTFOUND', 'ENODATA', 'EBADNAME']
const LOCALHOST = ['127.0.0.1', '::1']

/**
 * Addresses by name, asked of name servers and remembered for as long as these say, between 1 s and 5 minutes; what does not resolve, for 1 to 5 s. The
 * system's hosts file and `localhost` come first; search domains are not tried.
 *
 * Of a name one question is under way, however many wait for it. O(1) a name that is known; it holds the names asked for last, up to a bound.
 */
export class DnsCache implements Disposable {
  readonly #options: DnsCacheOptions
  readonly #hosts: HostsFile
  readonly #maxNames: number
  readonly #known = new Map<string, Known>()
  readonly #questions = new Map<string, Question>()
  #resolver: Resolver | undefined

  constructor(options: DnsCacheOptions) {
    this.#options = options
    this.#hosts = new HostsFile(options.hostsFile ?? '/etc/hosts')
    this.#maxNames = options.maxNames ?? 65_536
  }

  /** Names remembered. */
  get size(): number {
    return this.#known.size
  }

  /** The answer, if there is one; else `waiter` is told, later. @param name is in small letters, and no address. */
  find(name: string, waiter: DnsWaiter): DnsAnswer | undefined {
    const now = this.#options.clock.now()
    const known = this.#known.get(name)
    if (known !== undefined && now < known.until) return known.answer
    const local = this.#hosts.addressesOf(name, now) ?? (isLocalhost(name) ? LOCALHOST : undefined)
    if (local !== undefined) return this.#remember(name, answerOf(local), LEAST_TTL_MS)
    const question = this.#questions.get(name)
    if (question === undefined) this.#ask(name, waiter)
    else question.waiters.push(waiter)
    return undefined
  }

  [Symbol.dispose](): void {
    this.#resolver?.cancel()
    this.#questions.clear()
  }

  #ask(name: string, waiter: DnsWaiter): void {
    const resolver = this.#start()
    const question = new Question(waiter)
    this.#questions.set(name, question)
    const heard = (error: Error | null, records: readonly RecordWithTtl[] | undefined, isV6: boolean) => {
      if (!question.hear(error, records ?? [], isV6) || this.#questions.get(name) !== question) return
      this.#questions.delete(name)
      const answer = this.#remember(name, question.answer(), question.ttlMs())
      for (const each of question.waiters) each.resolved(answer)
    }
    resolver.resolve4(name, { ttl: true }, (error, records) => heard(error, records, false))
    resolver.resolve6(name, { ttl: true }, (error, records) => heard(error, records, true))
  }

  #start(): Resolver {
    if (this.#resolver === undefined) {
      this.#resolver = new Resolver({ timeout: QUESTION_MS, tries: TRIES })
      if (this.#options.servers !== undefined) this.#resolver.setServers(this.#options.servers)
    }
    return this.#resolver
  }

  #remember(name: string, answer: DnsAnswer, ttlMs: number): DnsAnswer {
    this.#known.delete(name)
    if (this.#known.size >= this.#maxNames) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(name, { answer, until: this.#options.clock.now() + ttlMs })
    return answer
  }
}

interface Known {
  readonly answer: DnsAnswer
  readonly until: number
}

/** One name asked for in both families. */
class Question {
  readonly waiters: DnsWaiter[]
  readonly #v4: string[] = []
  readonly #v6: string[] = []
  #ttlS = Number.POSITIVE_INFINITY
  #isNowhere = true
  #open = 2

  constructor(waiter: DnsWaiter) {
    this.waiters = [waiter]
  }

  /** @returns whether that was the last. */
  hear(error: Error | null, records: readonly RecordWithTtl[], isV6: boolean): boolean {
    if (error !== null) this.#isNowhere &&= NOWHERE.includes(codeOf(error) ?? '')
    for (const { address, ttl } of records) {
      const addresses = isV6 ? this.#v6 : this.#v4
      if (addresses.length < MOST_ADDRESSES) addresses.push(address)
      this.#ttlS = Math.min(this.#ttlS, ttl)
    }
    return --this.#open === 0
  }

  answer(): DnsAnswer {
    const addresses: string[] = []
    for (let at = 0; at < MOST_ADDRESSES; at++) {
      for (const family of [this.#v4, this.#v6]) if (at < family.length) addresses.push(family[at]!)
    }
    const isKnown = addresses.length > 0 || this.#isNowhere
    return answerOf(
      addresses.slice(0, MOST_ADDRESSES),
      isKnown ? undefined : 'does not resolve: no name server answers',
    )
  }

  ttlMs(): number {
    if (this.#ttlS !== Number.POSITIVE_INFINITY) return Math.min(MOST_TTL_MS, Math.max(LEAST_TTL_MS, this.#ttlS * 1000))
    return this.#isNowhere ? NOWHERE_TTL_MS : SILENT_TTL_MS
  }
}

function answerOf(addresses: readonly string[], reason = 'does not resolve'): DnsAnswer {
  return { addresses, reason: addresses.length > 0 ? undefined : reason, turn: 0 }
}

/** RFC 6761: never asked of anybody. */
function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}
