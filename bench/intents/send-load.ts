import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { LoadResult } from '../../apps/cli/src/intents/load/load-tally.ts'
import { ROWS } from './database.ts'
import { type IntentsServer, millrace, type ServerSample } from './intents-server.ts'

/** How intents reach a server. */
export interface Wire {
  readonly name: 'http' | 'websocket'
  readonly words: string
  readonly flags: readonly string[]
}

/** Each intent a request of its own, over connections that are kept. */
export const http: Wire = { name: 'http', words: 'HTTP', flags: ['--connections', '256'] }
/** More at once than a server is to hold: a connection has one on its way. */
export const manyHttp: Wire = { ...http, flags: ['--connections', '500'] }
export const webSocket: Wire = { name: 'websocket', words: 'WebSocket', flags: ['--ws', '--connections', '8'] }

export interface Load {
  readonly wire: Wire
  /** Intents a second, each sent at its time whatever became of those before; or as fast as answers come. */
  readonly rate: number | 'max'
  readonly seconds: number
}

/** What a load came to, and what was seen of the server meanwhile, at regular times. */
export interface LoadFindings extends LoadResult {
  readonly samples: readonly ServerSample[]
}

const SAMPLE_EVERY_MS = 500
/** `millrace intents load` waits 10 s for the last answers. */
const PATIENCE_MS = 30_000

const run = promisify(execFile)

/** Sends intents from a process of its own, `millrace intents load`. Each adds one to the `count` of one of {@link ROWS} documents. */
export async function sendLoad(server: IntentsServer, { wire, rate, seconds }: Load): Promise<LoadFindings> {
  const samples: ServerSample[] = []
  const sampling = setInterval(() => samples.push(server.sample()), SAMPLE_EVERY_MS)
  const amount = ['--rate', `${rate}`, '--seconds', `${seconds}`, '--keys', `${ROWS}`]
  try {
    const { stdout } = await run(
      process.execPath,
      [millrace, 'intents', 'load', server.url, '--json', ...amount, ...wire.flags],
      { timeout: seconds * 1000 + PATIENCE_MS },
    )
    return { ...(JSON.parse(stdout) as LoadResult), samples }
  } finally {
    clearInterval(sampling)
  }
}
