import * as http from 'node:http'
import * as https from 'node:https'
import type { LoadPlan } from '../../config/intents-load.ts'
import type { Ended, LoadClient } from './load-client.ts'

const PATIENCE_MS = 60_000

/** Sends each intent as a request of its own, over connections that are kept; what finds none free waits for one. */
export function createHttpLoadClient({ url, connections, token }: LoadPlan): LoadClient {
  const { Agent, request } = url.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return {
    send(intent, ended) {
      const sent = request(url, { method: 'POST', agent, headers, timeout: PATIENCE_MS }, (response) =>
        read(response, ended),
      )
      sent.on('timeout', () => sent.destroy(new Error('TIMEOUT')))
      sent.on('error', (error: NodeJS.ErrnoException) => ended(error.code ?? error.message))
      sent.end(intent)
    },
    close: () => agent.destroy(),
  }
}

function read(response: http.IncomingMessage, ended: Ended): void {
  let body = ''
  response.setEncoding('utf8').on('data', (text: string) => {
    body += text
  })
  response.on('end', () => ended(response.statusCode === 200 ? undefined : codeIn(body, response.statusCode)))
  response.on('error', (error: NodeJS.ErrnoException) => ended(error.code ?? error.message))
}

function codeIn(body: string, status: number | undefined): string {
  try {
    const { code }: { readonly code?: unknown } = JSON.parse(body)
    if (typeof code === 'string') return code
  } catch {
    // Something else answers here: its status says more than its body.
  }
  return `HTTP_${status}`
}
