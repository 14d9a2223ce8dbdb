import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a container of a fake daemon has, in the words of the Engine API. */
export interface FakeState {
  Status: string
  Running: boolean
  ExitCode?: number
  OOMKilled?: boolean
  Health?: { Status: string }
}

/** A daemon on a Unix socket that speaks the Docker Engine API, as far as it is asked, and fails on command. */
export class FakeDocker implements AsyncDisposable {
  readonly containers = new Map<string, FakeState>()
  readonly requests: string[] = []
  /** What it does instead of answering. */
  mode: 'answer' | 'hang' | 'error' | 'cut' | 'garbage' | 'endless' = 'answer'
  readonly #folder: string
  readonly #server: Server

  private constructor(folder: string) {
    this.#folder = folder
    this.#server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`)
      if (this.mode === 'hang') return
      if (this.mode === 'cut') {
        request.socket.destroy()
        return
      }
      const answer = (status: number, body?: object) => {
        response.writeHead(status, {
          'content-type': 'application/json',
          'api-version': '1.47',
          server: 'Docker/27.3.1 (linux)',
        })
        response.end(body === undefined ? undefined : `${JSON.stringify(body)}\n`)
      }
      if (this.mode === 'garbage') return void response.end('<html>')
      if (this.mode === 'endless') {
        const write = () => {
          while (response.write('x'.repeat(65_536)));
        }
        response.on('drain', write)
        write()
        return
      }
      const { pathname } = new URL(request.url ?? '', 'http://docker')
      const [, name = '', verb] = /^\/containers\/([^/]+)\/(json|restart)$/.exec(pathname) ?? []
      const state = this.containers.get(decodeURIComponent(name))
      if (this.mode === 'error') answer(500, { message: 'Cannot restart container: driver failed' })
      else if (state === undefined) answer(404, { message: `No such container: ${name}` })
      else if (verb === 'json') answer(200, { Id: 'f'.repeat(64), Name: `/${name}`, RestartCount: 0, State: state })
      else if (verb === 'restart' && request.method === 'POST') answer(204)
      else answer(400, { message: 'bad request' })
    })
  }

  static async start(): Promise<FakeDocker> {
    const fake = new FakeDocker(await mkdtemp(join(tmpdir(), 'millrace-docker-')))
    await new Promise<void>((resolve) => fake.#server.listen(fake.socket, resolve))
    return fake
  }

  get socket(): string {
    return join(this.#folder, 'docker.sock')
  }

  /** Closes what was kept open, as a daemon does after a while. */
  closeIdle(): void {
    this.#server.closeAllConnections()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await rm(this.#folder, { recursive: true })
  }
}
