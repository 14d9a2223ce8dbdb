import type { BatchProcessingEngine, BatchStatistics, EngineHealth } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { checkRuntimeConfig } from '../config/config-schema.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What a request is answered with: an object as JSON, or a text. */
export interface Answer {
  /** @default 200 */
  readonly status?: number
  readonly body: object | string
  /** The type of a text. */
  readonly contentType?: string
}

/** Takes a request's body, parsed, or undefined where it had none. */
export type Route = (body: unknown) => Answer | Promise<Answer>

/** Routes by method and path: `GET /health`. */
export type Routes = Readonly<Record<string, Route>>

/** The part of the engine that watching needs. */
export interface WatchedJob {
  statistics(): BatchStatistics
  health(): EngineHealth
  /** Loaded at the first call. */
  metrics(): Promise<Metrics>
}

const NOT_WELL: readonly EngineHealth['status'][] = ['paused', 'stalled', 'failed']

/** What anybody may ask who may see the job: `GET /health` answers 503 where it is paused, stalled or failed. */
export function watchRoutes({ health, metrics }: WatchedJob): Routes {
  return {
    'GET /health': () => {
      const body = health()
      return { status: NOT_WELL.includes(body.status) ? 503 : 200, body }
    },
    'GET /metrics': async () => {
      const { contentType, text } = await metrics()
      return { body: await text(), contentType }
    },
  }
}

/** The part of the engine that can be steered. */
export type SteeredEngine = Pick<
  BatchProcessingEngine,
  'pause' | 'continue' | 'configure' | 'retryQuarantined' | 'health'
>

/** What the owner of a job may do to it besides. Each answers with the health that came of it. */
export function controlRoutes(engine: SteeredEngine, watched: WatchedJob): Routes {
  return {
    ...watchRoutes(watched),
    'GET /statistics': () => ({ body: watched.statistics() }),
    'POST /pause': () => {
      engine.pause()
      return { body: engine.health() }
    },
    'POST /continue': () => {
      engine.continue()
      return { body: engine.health() }
    },
    'POST /configure': (body) => {
      const checked = checkRuntimeConfig(body)
      if (!checked.ok) refuse(`The configuration cannot be changed so: ${checked.faults.join('; ')}.`)
      if (Object.keys(checked.config).length === 0) refuse('The configuration names nothing to change.')
      engine.configure(checked.config)
      return { body: engine.health() }
    },
    'POST /quarantine/retry': async (body) => ({ body: { files: await engine.retryQuarantined(pathsOf(body)) } }),
  }
}

function pathsOf(body: unknown): readonly string[] | undefined {
  if (body === undefined) return undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body)) refuse('The body must be {"paths": […]}.')
  const { paths, ...others } = body as { readonly paths?: unknown }
  const stranger = Object.keys(others)[0]
  if (stranger !== undefined) refuse(`The body has a field ${JSON.stringify(stranger)}; it may have paths only.`)
  if (paths === undefined) return undefined
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every((path) => typeof path === 'string')) {
    refuse('paths must be a list of paths, as `millrace files quarantine list` tells them.')
  }
  return paths
}

function refuse(message: string): never {
  throw new MillraceError('CONTROL_REQUEST_INVALID', message)
}
