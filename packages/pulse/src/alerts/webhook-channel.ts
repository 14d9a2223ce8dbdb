import { nodeHttp } from '../host/node-http.ts'
import type { Fields } from '../manifest/fields.ts'
import { faultOfTemplate, fillTemplate } from './body-template.ts'
import type { ChannelKind } from './channel.ts'
import { httpAddress } from './http-address.ts'
import { sendRequest } from './send-request.ts'
import { alertJson } from './wording.ts'

interface WebhookConfig {
  readonly url: string
  readonly method: string
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** A template; undefined for the alert as JSON. */
  readonly body?: string
}

/** Sends alerts to a URL: as JSON, or as `body` says. */
export const webhookChannel: ChannelKind<WebhookConfig> = {
  type: 'webhook',

  parse(fields) {
    const url = httpAddress(fields, 'url')
    const method = fields.oneOf('method', ['POST', 'PUT', 'PATCH', 'GET'], 'POST')
    const headers = headersOf(fields)
    if (!fields.has('body')) return { url, method, headers }
    const body = fields.string('body')
    const fault = faultOfTemplate(body)
    if (fault !== undefined) fields.fault('body', fault)
    return { url, method, headers, body }
  },

  open({ url, method, headers, body }) {
    const mediaType = headers['content-type'] ?? 'application/json'
    const sent = { 'content-type': mediaType, 'user-agent': 'millrace', ...headers }
    return {
      async deliver(alert, signal) {
        const text = body === undefined ? JSON.stringify(alertJson(alert)) : fillTemplate(body, alert, mediaType)
        await sendRequest({ to: 'the webhook', url, method, headers: sent, body: text }, signal)
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}

function headersOf(fields: Fields): Record<string, string> {
  const headers: [string, string][] = []
  for (const [name, value] of Object.entries(fields.record('headers'))) {
    try {
      nodeHttp().validateHeaderName(name)
      nodeHttp().validateHeaderValue(name, value)
      headers.push([name.toLowerCase(), value])
    } catch {
      fields.fault(
        'headers',
        `has a name or a value that no header can have: ${JSON.stringify(name)}; see that there is no line break in it`,
      )
    }
  }
  return Object.fromEntries(headers)
}
