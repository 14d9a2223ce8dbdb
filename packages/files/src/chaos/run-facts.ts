import { hash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Books, Ledger } from '../ledger/ledger.ts'

/** A line of an output. */
export interface OutputLine {
  /** SHA-256 of the file's contents, as the line has it. */
  readonly hash: string
  /** SHA-256 of the line. */
  readonly digest: string
}

export interface RefusedFile {
  readonly code: string
  readonly message: string
}

/** What a job that came to its end left behind: output, quarantine, books. */
export interface RunFacts {
  readonly books: Books
  readonly lines: ReadonlyMap<string, OutputLine>
  /** Paths with more than one line. */
  readonly doubled: readonly string[]
  /** Lines that are no record. */
  readonly garbled: number
  readonly quarantined: ReadonlyMap<string, RefusedFile>
  /** SHA-256 of all lines, in their order. */
  readonly digest: string
}

/** Reads what the newest job of a ledger left. */
export async function readRun(ledger: Ledger, out: string): Promise<RunFacts> {
  const jobId = (await ledger.job())?.jobId ?? ''
  const quarantined = new Map<string, RefusedFile>()
  for (const { path, code, message } of await ledger.quarantine(jobId)) quarantined.set(path, { code, message })
  return { books: await ledger.books(jobId), quarantined, ...(await readOutput(out)) }
}

async function readOutput(out: string): Promise<Pick<RunFacts, 'lines' | 'doubled' | 'garbled' | 'digest'>> {
  const lines = new Map<string, OutputLine>()
  const doubled: string[] = []
  let garbled = 0
  let all = ''
  const text = existsSync(out)
    ? createInterface({ input: createReadStream(out), crlfDelay: Number.POSITIVE_INFINITY })
    : []
  for await (const line of text) {
    const digest = hash('sha256', line)
    all = hash('sha256', all + digest)
    const read = readHead(line)
    if (read === undefined) garbled++
    else if (lines.has(read.path)) doubled.push(read.path)
    else lines.set(read.path, { hash: read.hash, digest })
  }
  return { lines, doubled, garbled, digest: all }
}

function readHead(line: string): { path: string; hash: string } | undefined {
  try {
    const { path, hash } = JSON.parse(line) as { path?: unknown; hash?: unknown }
    return typeof path === 'string' && typeof hash === 'string' ? { path, hash } : undefined
  } catch {
    return undefined
  }
}
