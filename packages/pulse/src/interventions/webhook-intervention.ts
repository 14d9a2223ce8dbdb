import { nodeHttp, nodeHttps } from '../host/node-http.ts'
import type { Fields } from '../manifest/fields.ts'
import type { InterventionKind, InterventionOrder, InterventionOutcome } from './intervention.ts'
import { accepted, NOT_BEGUN, refused, unknown } from './outcome.ts'

export interface WebhookTarget {
  readonly url: string
  readonly method: (typeof METHODS)[number]
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: the order as JSON. */
  readonly body?: string
}

/** They say how the body is sent, which nobody else knows. */
const OURS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'expect', 'connection', 'upgrade'])
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const

/**
 * Calls a service that does it: `{ url, method, headers, body }`. Without a body, it is told monitor, incident and reason as JSON. The header `idempotency-key`
 * is of this intervention alone. Redirects are not followed, nor is anything sent a second time.
 */
export const webhookIntervention: InterventionKind<WebhookTarget> = {
  type: 'webhook',
  parse(fields) {
    const url = fields.string('url')
    if (url !== '' && !isWeb(url)) fields.fault('url', 'must be a URL that begins with http:// or https://')
    const method = fields.oneOf('method', METHODS, 'POST')
    const headers = fields.record('headers')
    checkHeaders(headers, fields)
    const body = fields.has('body') ? fields.string('body') : undefined
    fields.end()
    return { url, method, headers, ...(body !== undefined && { body }) }
  },
  run(target, order) {
    return order.signal.aborted ? Promise.resolve(NOT_BEGUN) : call(target, order)
  },
}

function call(target: WebhookTarget, order: InterventionOrder): Promise<InterventionOutcome> {
  const { id, monitor, incident, reason, signal } = order
  const { method, headers, body = JSON.stringify({ monitor, incident, reason }) } = target
  const url = new URL(target.url)
  return new Promise((resolve) => {
    let wasSent = false
    const request = (url.protocol === 'https:' ? nodeHttps() : nodeHttp()).request(url, {
      method,
      // One of its own: nobody knows what became of what was sent on one that was kept.
      agent: false,
      signal,
      headers: {
        ...(target.body === undefined && { 'content-type': 'application/json' }),
        'idempotency-key': encodeURIComponent(id.toWellFormed()),
        ...headers,
        'content-length': Buffer.byteLength(body),
      },
    })
    request.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (wasSent = true))
    })
    request.on('response', (response) => {
      // The status is the answer; the rest may have no end.
      resolve(outcomeOf(response.statusCode ?? 0))
      request.destroy()
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      const what = error.name === 'AbortError' ? 'no answer in time' : `no answer (${error.code ?? error.name})`
      resolve(wasSent ? unknown(what) : refused(`nothing was sent: ${what}`))
    })
    request.end(body)
  })
}

function outcomeOf(status: number): InterventionOutcome {
  if (status >= 200 && status < 300) return accepted(`answered ${status}`)
  return status >= 400 && status < 500 ? refused(`answered ${status}`) : unknown(`answered ${status}`)
}

function isWeb(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

function checkHeaders(headers: Readonly<Record<string, string>>, fields: Fields): void {
  for (const [name, value] of Object.entries(headers)) {
    if (OURS.has(name.toLowerCase())) fields.fault('headers', `${name} is set by itself: leave it out`)
    try {
      nodeHttp().validateHeaderName(name)
      nodeHttp().validateHeaderValue(name, value)
    } catch {
      fields.fault(
        'headers',
        `${JSON.stringify(name)} is no header that can be sent: no line breaks, and no spaces in its name`,
      )
    }
  }
}
