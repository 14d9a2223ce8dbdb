import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bundle } from '../bundlers/bundle.ts'

/** What a page and its workers must be served with to share memory. */
const ISOLATING = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** Serves a bundle as a page, on the loopback interface alone. */
export async function servePage(bundle: Bundle, isIsolated: boolean): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const code = bundle.get(url.slice(1))
    const [status, type, body] =
      url === '/'
        ? [200, 'text/html', '<!doctype html><script type="module" src="/page.js"></script>']
        : [code === undefined ? 404 : 200, 'text/javascript', code]
    response.writeHead(status, { 'Content-Type': type, ...(isIsolated && ISOLATING) }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
