import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { IntentsSection } from '../../apps/cli/src/config/intents-section.ts'

/** What people start. */
export const millrace = fileURLToPath(new URL('../../apps/cli/bin/millrace.js', import.meta.url))

/** What a server says of its intents at its end. */
export interface ServerBooks {
  readonly submitted: number
  readonly committed: number
  readonly duplicates: number
  readonly failed: number
  readonly refused: number
}

/** Bytes, at one moment. */
export interface ServerSample {
  /** Of memory that the process occupies (RSS). */
  readonly rss: number
  /** Sent to it and not read, in both ends of its connections. */
  readonly unread: number
}

/** `millrace intents serve` with its store of documents, in a process and a folder of its own. */
export interface IntentsServer extends AsyncDisposable {
  readonly url: string
  /** Linux only. */
  sample(): ServerSample
  /** Ends it as an operator does. */
  stop(): Promise<ServerBooks>
}

/** Starts a server on a free port. Resolves when it takes intents. */
export async function startServer(postgres: string, settings: IntentsSection = {}): Promise<IntentsServer> {
  const cwd = mkdtempSync(join(tmpdir(), 'millrace-bench-serve-'))
  const config = join(cwd, 'millrace.config.json')
  writeFileSync(config, JSON.stringify({ intents: settings }))
  const args = ['intents', 'serve', '--postgres', postgres, '--port', '0', '--config', config]
  const child = spawn(process.execPath, [millrace, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const listens = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/^Try /m.test(said)) resolve()
    })
  })
  await Promise.race([listens, closed])
  const url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0]
  if (url === undefined) throw new Error(`The server did not start: ${errors}`)
  return {
    url,
    sample: () => ({ rss: rssOf(child), unread: unreadAt(Number(new URL(url).port)) }),
    async stop() {
      child.kill('SIGTERM')
      const [code] = (await closed) as [number | null]
      if (code !== 0) throw new Error(`The server ended with ${code}: ${errors}`)
      return booksIn(said)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
      rmSync(cwd, { recursive: true, force: true })
    },
  }
}

function booksIn(said: string): ServerBooks {
  const line = /^([\d,]+) intents?: (.*)\.$/m.exec(said)
  const count = (text: string | undefined) => Number(text?.replaceAll(',', ''))
  const of = (word: string) => count(new RegExp(`([\\d,]+) ${word}`).exec(line?.[2] ?? '')?.[1])
  return {
    submitted: count(line?.[1]),
    committed: of('committed'),
    duplicates: of('duplicates'),
    failed: of('failed'),
    refused: of('refused'),
  }
}

function rssOf({ pid }: ChildProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(kilobytes) * 1024
}

const ESTABLISHED = '01'

/** What the kernel holds for who listens at a port: not read by it, or not taken by its end of the connection. */
function unreadAt(port: number): number {
  let bytes = 0
  for (const line of readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1)) {
    const [, local = '', remote = '', state, queues = ''] = line.trim().split(/\s+/)
    if (state !== ESTABLISHED) continue
    const [unsent, unread] = queues.split(':')
    if (portOf(local) === port) bytes += Number.parseInt(unread ?? '0', 16)
    if (portOf(remote) === port) bytes += Number.parseInt(unsent ?? '0', 16)
  }
  return bytes
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}
