import { lstatSync } from 'node:fs'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import type { BatchStatistics, EngineHealth, RuntimeConfig } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { controlAddress } from './control-address.ts'

/**
 * The job that runs on a ledger, reached over its socket. Every call is one request and fails with `JOB_NOT_RUNNING` where nobody listens,
 * `CONTROL_FAILED` where somebody does who does not answer as a job would, and with the job's own error where it refuses.
 */
export interface ControlClient {
  statistics(): Promise<BatchStatistics>
  health(): Promise<EngineHealth>
  pause(): Promise<EngineHealth>
  continue(): Promise<EngineHealth>
  configure(changes: RuntimeConfig): Promise<EngineHealth>
  /** Gives how many files are tried again. */
  retryQuarantined(paths?: readonly string[]): Promise<number>
}

const PATIENCE_MS = 10_000
/** What connecting fails with where there is no socket, or nobody behind it. */
const NOBODY: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'])

/**
 * Reaches the job that runs on the ledger in `stateDir`, or in a PostgreSQL. Connects only when asked something.
 * @param patienceMs How long an answer over the socket may take.
 */
export function connectControl(stateDir: string, postgres?: string, patienceMs = PATIENCE_MS): ControlClient {
  const socket = { stateDir, patienceMs }
  const ask = <T>(method: 'GET' | 'POST', path: string, body?: object) =>
    postgres === undefined ? askJob<T>(socket, method, path, body) : askFar<T>(postgres, method, path, body)
  return {
    statistics: () => ask('GET', '/statistics'),
    health: () => ask('GET', '/health'),
    pause: () => ask('POST', '/pause'),
    continue: () => ask('POST', '/continue'),
    configure: (changes) => ask('POST', '/configure', changes),
    retryQuarantined: async (paths) =>
      (await ask<{ files: number }>('POST', '/quarantine/retry', paths === undefined ? {} : { paths })).files,
  }
}

/** Where the job stands that runs on the ledger in `stateDir`, or undefined where none can be reached. */
export async function statisticsOfRunning(
  stateDir: string,
  postgres?: string,
  patienceMs?: number,
): Promise<BatchStatistics | undefined> {
  try {
    return await connectControl(stateDir, postgres, patienceMs).statistics()
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'JOB_NOT_RUNNING') return undefined
    throw error
  }
}

/** Asks over the database, since the job may be coordinated on any machine. */
async function askFar<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  const { askCoordinator } = await import('@millrace/files/postgres')
  const answer = await askCoordinator({ url }, { method, path, ...(body !== undefined && { body }) })
  if (answer.status < 400 || answer.status === 503) return answer.body as T
  throw errorOf(answer.body, 'the database')
}

interface Socket {
  readonly stateDir: string
  readonly patienceMs: number
}

async function askJob<T>({ stateDir, patienceMs }: Socket, method: string, path: string, body?: object): Promise<T> {
  const address = controlAddress(stateDir)
  refuseForeign(address)
  let status: number
  let answer: unknown
  try {
    const response = await send({ socketPath: address, method, path, timeout: patienceMs }, body)
    status = response.statusCode ?? 0
    answer = JSON.parse(await text(response))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (NOBODY.has(code)) {
      throw new MillraceError(
        'JOB_NOT_RUNNING',
        `No job is running on the ledger in ${stateDir}. \`millrace files jobs\` tells what became of those it had.`,
        {
          detail: { stateDir, address },
          cause,
        },
      )
    }
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('CONTROL_FAILED', `The job behind ${address} does not answer as it should: ${why}.`, {
      detail: { address },
      cause,
    })
  }
  // A job that is not well says so by its status, and answers all the same.
  if (status === 200 || status === 503) return answer as T
  throw errorOf(answer, address)
}

/** In a folder that all users share, somebody else's socket must not be taken for ours. */
function refuseForeign(address: string): void {
  const owner = process.platform === 'win32' ? undefined : ownerOf(address)
  if (owner === undefined || owner === process.getuid?.() || process.getuid?.() === 0) return
  throw new MillraceError('CONTROL_FAILED', `${address} belongs to another user. Ask the one who started the job.`, {
    detail: { address, owner },
  })
}

function ownerOf(address: string): number | undefined {
  try {
    return lstatSync(address, { throwIfNoEntry: false })?.uid
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'EACCES' ? 'is closed to' : 'is no use to'
    throw new MillraceError(
      'CONTROL_FAILED',
      `Whether a job runs there cannot be told: the folder ${dirname(address)} ${why} this user. Ask the one who owns it.`,
      { detail: { address }, cause },
    )
  }
}

function errorOf(answer: unknown, address: string): MillraceError {
  const { code, message } = (answer ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'string' && typeof message === 'string') return new MillraceError(code, message)
  return new MillraceError('CONTROL_FAILED', `The job behind ${address} failed: ${String(message)}`, {
    detail: { address },
  })
}

function send(to: RequestOptions & { readonly timeout: number }, body?: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...to, agent: false }, resolve)
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error(`there was no answer in ${to.timeout / 1000} s`)))
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
