import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { MillraceError } from '@millrace/kernel/errors'
import { answerRoute } from './answer-route.ts'
import type { Answer, Routes } from './routes.ts'

/** The largest body that is read, bytes: some thousand paths. */
const LARGEST_BODY = 1_048_576
const MOST_CONNECTIONS = 64
const PATIENCE_MS = 10_000

/**
 * A server that answers `routes` in JSON, each connection once, and errors as `{code, message}`. It keeps no process alive, and bounds
 * what a client can make it hold: bodies, headers, connections, time.
 */
export function createHttpServer(routes: Routes): Server {
  const server = createServer({ requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS }, (request, response) => {
    void answerTo(request, routes).then((answer) => send(response, answer))
  })
  server.maxConnections = MOST_CONNECTIONS
  return server.unref()
}

function answerTo(request: IncomingMessage, routes: Routes): Promise<Answer> {
  const { method = 'GET', url = '/' } = request
  const path = url.split('?', 1)[0] ?? ''
  return answerRoute(routes, { method, path }, async () => parse(await readBody(request)))
}

/** Reads a body to its end, so that the client hears the answer; what is too much is not kept. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= LARGEST_BODY) chunks.push(chunk)
  }
  if (bytes <= LARGEST_BODY) return Buffer.concat(chunks).toString('utf8')
  throw new MillraceError('CONTROL_REQUEST_INVALID', `The body is larger than ${LARGEST_BODY} bytes.`, {
    detail: { status: 413 },
  })
}

function parse(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('CONTROL_REQUEST_INVALID', `The body is not JSON: ${why}`, { cause })
  }
}

function send(
  response: ServerResponse,
  { status = 200, body, contentType = 'text/plain; charset=utf-8' }: Answer,
): void {
  const isText = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isText ? contentType : 'application/json',
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(isText ? body : `${JSON.stringify(body)}\n`)
}
