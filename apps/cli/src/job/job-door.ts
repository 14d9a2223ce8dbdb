import type { BatchProcessingEngine, EngineEvent } from '@millrace/files'
import type { Cluster } from '@millrace/files/postgres'
import { answerRoute } from '../control/answer-route.ts'
import { type ControlServer, openControlServer } from '../control/control-server.ts'
import { controlRoutes, type Routes, type WatchedJob } from '../control/routes.ts'

/** The control socket of an engine's job: there from its start to its end. */
export interface JobDoor extends AsyncDisposable {
  /** Told every event of the engine. */
  hear(event: EngineEvent): void
}

export interface JobDoorPorts {
  readonly engine: BatchProcessingEngine
  readonly stateDir: string
  /** Where others reach a job that is coordinated over PostgreSQL. @default a socket in `stateDir` */
  readonly cluster: Cluster | undefined
  readonly watched: WatchedJob
  readonly onOpen: (address: string) => void
  /** A job that cannot be reached works all the same. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Opens the socket when the job has started, for then the ledger is this process's; and closes it when the job has finished, for then
 * it still is.
 */
export function createJobDoor({ engine, stateDir, cluster, watched, onOpen, onFailure }: JobDoorPorts): JobDoor {
  if (cluster !== undefined) return farDoor(cluster, controlRoutes(engine, watched))
  let opening: Promise<ControlServer | undefined> = Promise.resolve(undefined)
  let server: ControlServer | undefined
  let finished = false
  const open = async () => {
    try {
      server = await openControlServer(stateDir, controlRoutes(engine, watched))
      if (finished) server.stopListening()
      else onOpen(server.address)
    } catch (error) {
      onFailure(error)
    }
    return server
  }
  return {
    hear(event) {
      if (event.type === 'job-started') opening = open()
      if (event.type !== 'job-finished') return
      finished = true
      server?.stopListening()
    },
    async [Symbol.asyncDispose]() {
      finished = true
      ;(await opening)?.[Symbol.dispose]()
    },
  }
}

/** The same over the database. */
function farDoor(cluster: Cluster, routes: Routes): JobDoor {
  let serving: AsyncDisposable | undefined
  return {
    hear({ type }) {
      if (type !== 'job-started') return
      serving = cluster.serve(async ({ method, path, body }) => {
        const { status = 200, body: answer } = await answerRoute(routes, { method, path }, async () => body)
        return { status, body: answer }
      })
    },
    async [Symbol.asyncDispose]() {
      await serving?.[Symbol.asyncDispose]()
    },
  }
}
