import {
  CONTAINER_NAME,
  type ContainerState,
  DOCKER_SOCKET,
  DockerClient,
  DockerError,
} from '../../docker/docker-client.ts'
import { CallProber, type Finding } from '../call-prober.ts'
import { type CheckKind, Verdict } from '../check.ts'
import { codeOf, ownFault } from '../own-fault.ts'

export interface DockerCheckOptions {
  readonly socket: string
}

/** Whether a container runs, and is healthy if it has a health check: `{ container, socket }`. While that has not answered yet, it passes with a warning. */
export const dockerCheck: CheckKind<DockerCheckOptions> = {
  type: 'docker',
  maxUnderWay: 100,
  parse(fields) {
    const target = fields.string('container')
    if (target !== '' && !CONTAINER_NAME.test(target)) {
      fields.fault('container', 'must be a name or an id of a container: letters, digits, _ . -')
    }
    const socket = fields.string('socket', DOCKER_SOCKET)
    fields.end()
    return { target, options: { socket } }
  },
  hostOf: (_, { socket }) => socket,
  createProber({ end }) {
    const clients = new Map<string, DockerClient>()
    return new CallProber<DockerCheckOptions>({
      end,
      async check(target, { socket }, { signal }) {
        const client = clients.get(socket) ?? new DockerClient(socket)
        clients.set(socket, client)
        try {
          return findingOf(await client.inspect(target, signal))
        } catch (error) {
          return failureOf(error)
        }
      },
      close() {
        for (const client of clients.values()) client[Symbol.dispose]()
      },
    })
  },
}

function findingOf(state: ContainerState | undefined): Finding {
  if (state === undefined) return { verdict: Verdict.FAIL, reason: 'there is no such container' }
  const { isRunning, status, exitCode, isOutOfMemory, health } = state
  if (!isRunning || status !== 'running')
    return { verdict: Verdict.FAIL, reason: whyNotRunning(status, exitCode, isOutOfMemory) }
  if (health === 'starting') return { verdict: Verdict.WARN, reason: 'the container is starting' }
  if (health !== undefined && health !== 'healthy')
    return { verdict: Verdict.FAIL, reason: 'the container is unhealthy' }
  return { verdict: Verdict.PASS }
}

function whyNotRunning(status: string, exitCode: number, isOutOfMemory: boolean): string {
  if (status !== 'exited') return `the container does not run: it is ${status}`
  return `the container exited with ${exitCode}${isOutOfMemory ? ', out of memory' : ''}`
}

/** Without Docker nobody knows of the container, which is as bad; only what we may not, or cannot, is our fault. */
function failureOf(error: unknown): Finding {
  const cause = error instanceof DockerError ? error.cause : error
  const fault = ownFault(cause)
  if (fault !== undefined) return { verdict: Verdict.FAULT, reason: fault }
  const reason = error instanceof Error ? error.message : 'Docker: no answer'
  return { verdict: codeOf(cause) === 'EACCES' ? Verdict.FAULT : Verdict.FAIL, reason }
}
