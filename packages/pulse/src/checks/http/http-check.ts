import type { CheckKind, EvaluateBody, Prober, ProberContext } from '../check.ts'
import type { NetworkOptions } from '../tcp/network-options.ts'
import { ProbeLine } from '../tcp/probe-line.ts'
import { Secure } from '../tls/secure.ts'
import { type HttpOptions, readHttpConfig } from './http-options.ts'
import { type HttpLine, HttpProbe } from './http-probe.ts'
import { hostOfUrl, readHttpUrl } from './http-target.ts'
import { IdleConnections } from './idle-connections.ts'
import { type RequestShape, requestShape } from './request.ts'

/**
 * Whether a URL answers as it should: status, body, time. A connection each, unless `keep_alive` is set; HTTP/1.1 only, and no proxy.
 *
 * Where no body is expected, nothing is read beyond the head. Every part of an answer is bounded, and all of it together by the timeout.
 */
export function createHttpCheck(options: NetworkOptions = {}): CheckKind<HttpOptions> {
  return {
    type: 'http',
    parse: readHttpConfig,
    targetOfField,
    hostOf: hostOfUrl,
    createProber: (context) => new HttpProber(context, options),
  }
}

function targetOfField(field: string, text: string): string | undefined {
  const read = field === 'url' ? readHttpUrl(text) : undefined
  return read !== undefined && 'url' in read ? read.url : undefined
}

class HttpProber implements Prober<HttpOptions>, HttpLine {
  readonly line: ProbeLine
  readonly secure: Secure
  readonly idle: IdleConnections
  readonly evaluate: EvaluateBody
  readonly #shapes = new WeakMap<HttpOptions, RequestShape>()

  constructor({ end, evaluate }: ProberContext, options: NetworkOptions) {
    this.line = new ProbeLine(end, options)
    this.secure = new Secure(options.ca)
    this.idle = new IdleConnections(this.line.clock)
    this.evaluate = evaluate
  }

  shapeOf(options: HttpOptions): RequestShape {
    let shape = this.#shapes.get(options)
    if (shape === undefined) {
      shape = requestShape(options)
      this.#shapes.set(options, shape)
    }
    return shape
  }

  probe(ticket: number, target: string, options: HttpOptions, timeoutMs: number): void {
    new HttpProbe(this, ticket, options, timeoutMs).begin(target)
  }

  expire(ticket: number): void {
    this.line.expire(ticket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.line[Symbol.dispose]()
    this.idle[Symbol.dispose]()
  }
}
