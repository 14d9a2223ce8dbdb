import { type BodyExpectation, type EvaluateBody, Verdict } from '../check.ts'
import { reasonOf } from '../reason.ts'
import { Probe } from '../tcp/probe.ts'
import type { ProbeLine } from '../tcp/probe-line.ts'
import type { Secure } from '../tls/secure.ts'
import { tlsFault } from '../tls/tls-fault.ts'
import { Connection, type ConnectionUser } from './connection.ts'
import { decodedBody } from './decoded-body.ts'
import { isWithin } from './expected-status.ts'
import type { HttpOptions } from './http-options.ts'
import { type HttpTarget, parseHttpUrl } from './http-target.ts'
import type { IdleConnections } from './idle-connections.ts'
import { isRedirect, redirectedUrl } from './redirect.ts'
import { type RequestShape, redirectedOptions, requestShape, requestText } from './request.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseParser } from './response-parser.ts'

/** What the probes of an HTTP prober share. */
export interface HttpLine {
  readonly line: ProbeLine
  readonly secure: Secure
  readonly idle: IdleConnections
  readonly evaluate: EvaluateBody
  /** The requests of profiles, by their options. */
  shapeOf(options: HttpOptions): RequestShape
}

const NONE: readonly string[] = []
const ALPN = ['http/1.1']

/**
 * One check of a URL, redirects included: a request, and as much of its response as the verdict needs.
 *
 * PERF: an object each for the probe, its connection and its parser, and a string for the request; bench/pulse/probes.bench.ts.
 */
export class HttpProbe extends Probe implements ConnectionUser {
  readonly #http: HttpLine
  #options: HttpOptions
  #shape: RequestShape
  #url = ''
  #target: HttpTarget | undefined
  #connection: Connection | undefined
  #parser: ResponseParser
  /** The URLs that redirects came from. */
  #visited: readonly string[] = NONE
  /** The connection had been used before: it may have been closed just now. */
  #isReused = false
  #hasPassed = false
  #isEvaluated = false

  constructor(http: HttpLine, ticket: number, options: HttpOptions, timeoutMs: number) {
    super(http.line, ticket, timeoutMs)
    this.#http = http
    this.#options = options
    this.#shape = http.shapeOf(options)
    this.#parser = this.#newParser()
  }

  begin(url: string): void {
    const target = parseHttpUrl(url)
    if (target === undefined) {
      this.failSoon('its URL is none')
      return
    }
    this.#url = url
    this.#target = target
    const idle = this.#mayReuse ? this.#http.idle.take(this.#place) : undefined
    if (idle === undefined) this.reach(target.host)
    else this.#reuse(idle)
  }

  connected(): void {
    this.isConnected()
  }

  opened(): void {
    this.#send()
  }

  notOpened(error: Error, isInHandshake: boolean): void {
    if (isInHandshake) this.endBy(error, tlsFault(error))
    else this.refused(error)
  }

  received(bytes: Uint8Array, count: number): void {
    if (this.isOver || this.#isEvaluated) return
    this.#parser.feed(bytes, count)
    this.#goOn()
  }

  hungUp(): void {
    if (this.isOver || this.#isEvaluated) return
    if (this.#isReused && !this.#parser.hasBegun) {
      this.#isReused = false
      this.close()
      this.reach(this.#target!.host)
    } else {
      this.#parser.end()
      this.#goOn()
    }
  }

  protected override outOfTime(): void {
    if (this.#hasPassed) this.#pass()
    else if (this.#isEvaluated) this.end(Verdict.FAULT, 'its body was not evaluated here in time')
    else super.outOfTime()
  }

  protected override connect(address: string): void {
    const { isSecure, host, port } = this.#target!
    const isStrict = !this.#options.insecureSkipVerify
    const secureOptions = isSecure ? { serverName: host, isStrict, alpn: ALPN } : undefined
    this.#connection = new Connection(this, this.startedAt, this.#http.secure, secureOptions)
    this.#connection.open(address, port)
  }

  protected override close(): void {
    this.#connection?.discard()
    this.#connection = undefined
  }

  protected override late(): string {
    if (this.#connection?.isOpen === false) return 'no end of the TLS handshake in time'
    return this.#parser.hasHead ? 'its body did not come in time' : 'no answer in time'
  }

  get #place(): string {
    const { origin } = this.#target!
    return this.#options.insecureSkipVerify ? `!${origin}` : origin
  }

  /** Only what may be made twice is sent over a connection that may just be closing. */
  get #mayReuse(): boolean {
    return this.#options.keepAlive && this.#shape.isIdempotent && this.#visited.length === 0
  }

  #newParser(): ResponseParser {
    const { method, expectedBody, maxBody } = this.#options
    return new ResponseParser({ isHead: method === 'HEAD', keepsBody: expectedBody !== undefined, maxBody })
  }

  #reuse(connection: Connection): void {
    this.#isReused = true
    this.#connection = connection
    connection.user = this
    this.#send()
  }

  #send(): void {
    this.#connection!.write(requestText(this.#shape, this.#target!))
  }

  /** Something came: as soon as it is enough for a verdict, this is it. */
  #goOn(): void {
    const { hasHead, fault, head } = this.#parser
    if (this.#hasPassed) this.#passIfOver()
    else if (hasHead) this.#judge(head)
    else if (fault !== undefined) this.fail(fault)
  }

  #judge({ status, location }: ResponseHead): void {
    const { followRedirects, expectedStatus, expectedBody } = this.#options
    if (followRedirects > 0 && isRedirect(status) && location !== undefined) this.#follow(location)
    else if (!isWithin(expectedStatus, status)) this.fail(`answered ${status}`)
    else if (expectedBody === undefined) this.#passes()
    else if (this.#parser.fault !== undefined) this.fail(this.#parser.fault)
    else if (this.#parser.isDone) this.#evaluate(expectedBody)
  }

  #evaluate(expectedBody: BodyExpectation): void {
    this.answered()
    const { body, head } = this.#parser
    const decoded = decodedBody(body, head.encoding, this.#options.maxBody)
    if ('fault' in decoded) {
      this.fail(decoded.fault)
      return
    }
    this.#isEvaluated = true
    if (!this.#mayReuse) this.close()
    this.#http.evaluate(decoded.body, expectedBody).then(
      (reason) => {
        this.#isEvaluated = false
        if (reason === undefined) this.#passes()
        else this.fail(reasonOf(reason))
      },
      () => this.end(Verdict.FAULT, 'its body could not be evaluated here'),
    )
  }

  #passes(): void {
    if (this.isOver) return
    const { maxLatencyMs = Number.POSITIVE_INFINITY, expectedBody } = this.#options
    if (expectedBody === undefined) this.answered()
    if (this.latencyMs() <= maxLatencyMs) {
      this.#hasPassed = true
      this.#passIfOver()
    } else if (this.stoodStill(maxLatencyMs)) this.end(Verdict.FAULT, 'this process stood still')
    else this.fail(`took longer than ${maxLatencyMs} ms`)
  }

  /** A connection that is kept is kept once its response is over; what else may come of it changes nothing. */
  #passIfOver(): void {
    const { isDone, fault } = this.#parser
    if (!this.#mayReuse || isDone || fault !== undefined) this.#pass()
  }

  #pass(): void {
    const connection = this.#connection
    if (connection !== undefined && this.#mayReuse && this.#parser.leavesOpen) {
      this.#connection = undefined
      this.#http.idle.put(this.#place, connection)
    }
    this.end(Verdict.PASS)
  }

  #follow(location: string): void {
    const next = redirectedUrl(location, this.#url)
    if ('fault' in next) {
      this.fail(next.fault)
      return
    }
    const { followRedirects } = this.#options
    const visited = [...this.#visited, this.#url]
    this.#visited = visited
    if (visited.includes(next.url)) this.fail('its redirects lead in a circle')
    else if (visited.length > followRedirects) this.fail(`it redirects more than ${followRedirects} times`)
    else this.#goTo(next.url)
  }

  #goTo(url: string): void {
    const isSameOrigin = parseHttpUrl(url)?.origin === this.#target!.origin
    this.#options = redirectedOptions(this.#options, this.#parser.head.status, isSameOrigin)
    this.#shape = requestShape(this.#options)
    this.#parser = this.#newParser()
    this.#isReused = false
    this.close()
    this.begin(url)
  }
}
