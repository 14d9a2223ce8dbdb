import { CONTAINER_NAME, DOCKER_SOCKET, DockerClient, DockerError } from '../docker/docker-client.ts'
import type { InterventionKind } from './intervention.ts'
import { accepted, NOT_BEGUN, refused, unknown } from './outcome.ts'

export interface DockerTarget {
  readonly container: string
  /** How long the container may take to stop by itself, in whole seconds. */
  readonly stopSeconds: number
  readonly socket: string
}

/** The daemon's own time, and that of the container's start, within the intervention's. */
const STOP_SHARE = 0.8
const MAX_STOP_MS = 3_600_000

/** Restarts a container: `{ container, timeout, socket }`, where `timeout` is how long it may take to stop by itself. */
export const dockerIntervention: InterventionKind<DockerTarget> = {
  type: 'docker',
  parse(fields) {
    const container = fields.string('container')
    if (container !== '' && !CONTAINER_NAME.test(container)) {
      fields.fault('container', 'must be a name or an id of a container: letters, digits, _ . -')
    }
    const stopMs = fields.durationMs('timeout', { min: 0, max: MAX_STOP_MS }, 10_000)
    const socket = fields.string('socket', DOCKER_SOCKET)
    fields.end()
    return { container, stopSeconds: Math.ceil(stopMs / 1000), socket }
  },
  async run({ container, stopSeconds, socket }, { signal, timeoutMs }) {
    if (signal.aborted) return NOT_BEGUN
    using client = new DockerClient(socket)
    // Docker answers when the container has been restarted: it must have stopped well before our time is over.
    const seconds = Math.min(stopSeconds, Math.floor((timeoutMs * STOP_SHARE) / 1000))
    try {
      const { status } = await client.restart(container, seconds, signal)
      if (status === 204) return accepted('the container was restarted')
      if (status === 404) return refused('there is no such container')
      if (status >= 400 && status < 500) return refused(`Docker answered ${status}`)
      return unknown(`Docker answered ${status}`)
    } catch (error) {
      const { message, wasSent } = error instanceof DockerError ? error : new DockerError('Docker: no answer', true)
      return wasSent ? unknown(message) : refused(message)
    }
  },
}
