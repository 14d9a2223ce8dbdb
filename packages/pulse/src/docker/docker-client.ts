import type { Agent } from 'node:http'
import { codeOf } from '../checks/own-fault.ts'
import { nodeHttp } from '../host/node-http.ts'

/** What a container is in, as far as anybody asks. */
export interface ContainerState {
  /** `running`, `exited`, `paused`, `restarting`, `created`, `dead`. */
  readonly status: string
  readonly isRunning: boolean
  readonly exitCode: number
  readonly isOutOfMemory: boolean
  /** `healthy`, `starting`, `unhealthy`; undefined where it has no health check. */
  readonly health: string | undefined
}

/** What a daemon answered. */
export interface DockerAnswer {
  readonly status: number
  readonly body: string
}

/** Why a daemon did not answer. */
export class DockerError extends Error {
  override readonly name = 'DockerError'
  /** Whether the request may have reached the daemon. */
  readonly wasSent: boolean

  constructor(message: string, wasSent: boolean, cause?: unknown) {
    super(message, { cause })
    this.wasSent = wasSent
  }
}

/** Where Docker listens unless told otherwise. */
export const DOCKER_SOCKET = '/var/run/docker.sock'

/** A container's name or id, as Docker takes it. */
export const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/

const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const MAX_CONNECTIONS = 16
const LOST: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE'])

/** Talks to the Docker Engine API over its Unix socket. Connections for questions are kept; what changes something has one of its own. */
export class DockerClient implements Disposable {
  readonly #socketPath: string
  #agent: Agent | undefined

  get #agentOfQuestions(): Agent {
    this.#agent ??= new (nodeHttp().Agent)({ keepAlive: true, maxSockets: MAX_CONNECTIONS, maxFreeSockets: 2 })
    return this.#agent
  }

  constructor(socketPath: string = DOCKER_SOCKET) {
    this.#socketPath = socketPath
  }

  /**
   * The state of a container; undefined if there is none of this name.
   * @throws {DockerError} also if the answer is none of Docker's.
   */
  async inspect(container: string, signal: AbortSignal): Promise<ContainerState | undefined> {
    const { status, body } = await this.#ask('GET', `/containers/${encodeURIComponent(container)}/json`, signal, true)
    if (status === 404) return undefined
    if (status !== 200) throw new DockerError(`Docker answered ${status}`, true)
    return stateOf(body)
  }

  /**
   * Restarts a container, and waits until it has been. It is not repeated, whatever happens.
   * @param stopSeconds is how long it may take to stop by itself.
   * @throws {DockerError} if there is no answer.
   */
  restart(container: string, stopSeconds: number, signal: AbortSignal): Promise<DockerAnswer> {
    // A connection that was kept may be closed by the daemon just now, and nobody would know whether it read the request.
    return this.#ask('POST', `/containers/${encodeURIComponent(container)}/restart?t=${stopSeconds}`, signal, false)
  }

  [Symbol.dispose](): void {
    this.#agent?.destroy()
  }

  #ask(method: 'GET' | 'POST', path: string, signal: AbortSignal, isQuestion: boolean): Promise<DockerAnswer> {
    return new Promise((resolve, reject) => {
      let wasSent = false
      let isOver = false
      const fail = (error: unknown) => {
        // Both sides of an exchange tell of its end.
        if (isOver) return
        isOver = true
        // The daemon had closed a connection that was kept; a question may be asked again, on another.
        if (isQuestion && asked.reusedSocket && LOST.has(codeOf(error)))
          resolve(this.#ask(method, path, signal, isQuestion))
        else reject(faultOf(error, wasSent))
      }
      // HTTP/1.1 wants a host, and the daemon does not look at it.
      const headers = { host: 'docker', ...(method === 'POST' && { 'content-length': '0' }) }
      const asked = nodeHttp().request({
        socketPath: this.#socketPath,
        method,
        path,
        agent: isQuestion && this.#agentOfQuestions,
        signal,
        headers,
      })
      asked.on('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => (wasSent = true))
        else wasSent = true
      })
      asked.on('error', fail)
      asked.on('response', (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > MAX_ANSWER_BYTES) asked.destroy(new Error('the answer is too large'))
          else chunks.push(chunk)
        })
        response.on('error', fail)
        response.on('end', () => {
          isOver = true
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
        })
      })
      asked.end()
    })
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no Docker socket',
  ECONNREFUSED: 'Docker does not run',
  EACCES: 'this process may not use the Docker socket: add its user to the group docker',
}

function faultOf(error: unknown, wasSent: boolean): DockerError {
  const { code, name, message }: { code?: unknown; name?: unknown; message?: unknown } = Object(error)
  const told = typeof code === 'string' ? REFUSALS[code] : undefined
  const what = told ?? (name === 'AbortError' ? 'no answer in time' : `no answer (${String(code ?? message)})`)
  return new DockerError(told === undefined ? `Docker: ${what}` : what, wasSent, error)
}

function stateOf(body: string): ContainerState {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    // Said below.
  }
  const { State }: { State?: unknown } = Object(parsed)
  const { Status, Running, ExitCode, OOMKilled, Health }: Readonly<Record<string, unknown>> = Object(State)
  if (typeof Running !== 'boolean') throw new DockerError('what answered is not Docker', true)
  const { Status: health }: { Status?: unknown } = Object(Health)
  return {
    status: typeof Status === 'string' ? Status : Running ? 'running' : 'exited',
    isRunning: Running,
    exitCode: typeof ExitCode === 'number' ? ExitCode : 0,
    isOutOfMemory: OOMKilled === true,
    health: typeof health === 'string' && health !== 'none' ? health : undefined,
  }
}
