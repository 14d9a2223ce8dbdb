import { type Clock, systemClock, type Timer } from '@millrace/kernel/clock'
import { findProgram } from '../../process/find-program.ts'
import { type ProgramEnd, runProgram } from '../../process/run-program.ts'
import type { Finding } from '../call-prober.ts'
import { Verdict } from '../check.ts'
import { ownFault } from '../own-fault.ts'
import { fpingArguments, readFpingLine } from './fping-line.ts'

export interface PingBatchesOptions {
  /** Folders in which `fping` and `ping` are looked for, as in `PATH`. @default "/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin" */
  readonly searchPath?: string | undefined
  /** @default systemClock */
  readonly clock?: Clock | undefined
}

const SEARCH_PATH = '/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin'
/** What begins within this time goes into one call of `fping`. */
const GATHER_MS = 5
const MAX_ADDRESSES = 200
/** A `fping` has many addresses, a `ping` has one. */
const MAX_PROCESSES = { fping: 8, ping: 32 }
/** The rest of a check's time is for what is beside the pings. */
const SHARE_OF_TIME = 0.9
/** A program that was not found may have been installed meanwhile. */
const LOOK_AGAIN_MS = 30_000

const NO_TOOL: Finding = { verdict: Verdict.FAULT, reason: 'neither fping nor ping is here: install fping' }
const NO_REPLY: Finding = { verdict: Verdict.FAIL, reason: 'no reply' }
const NOT_BEGUN: Finding = { verdict: Verdict.FAULT, reason: 'too many pings wait here: fping makes many at once' }
const STOPPED: Finding = { verdict: Verdict.FAULT, reason: 'the checks were stopped' }

interface Tool {
  readonly name: 'fping' | 'ping'
  readonly path: string
}

/** Pings that go into one call: of each address, who waits for it. */
interface Batch {
  readonly count: number
  readonly timeoutMs: number
  readonly begunAt: number
  readonly waiting: Map<string, ((finding: Finding) => void)[]>
  gathering: Timer | undefined
  /** Ends it unless it has begun. */
  patience: Timer | undefined
}

/**
 * Pings by the programs that may open raw sockets. What begins within a few milliseconds goes into one process, `fping`; with `ping` it is a process each. At
 * most so many run at once; what cannot begin in time is our fault, and is said to be.
 */
export class PingBatches {
  readonly #searchPath: string
  readonly #clock: Clock
  readonly #gathering = new Map<string, Batch>()
  readonly #queue: Batch[] = []
  readonly #running = new Set<AbortController>()
  #tool: Promise<Tool | undefined> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor({ searchPath = SEARCH_PATH, clock = systemClock }: PingBatchesOptions) {
    this.#searchPath = searchPath
    this.#clock = clock
  }

  /** Pings an address, at most `count` times; the first reply is enough. Resolves before `timeoutMs` are over, unless the process stands still. */
  async ping(address: string, count: number, timeoutMs: number): Promise<Finding> {
    const tool = await this.#findTool()
    if (tool === undefined) return NO_TOOL
    if (this.#isClosed) return STOPPED
    return new Promise((resolve) => {
      const batch = this.#batchFor(tool, count, timeoutMs)
      const waiting = batch.waiting.get(address)
      if (waiting === undefined) batch.waiting.set(address, [resolve])
      else waiting.push(resolve)
      if (batch.waiting.size === (tool.name === 'fping' ? MAX_ADDRESSES : 1)) this.#close(batch, tool)
    })
  }

  close(): void {
    this.#isClosed = true
    for (const batch of [...this.#gathering.values(), ...this.#queue.splice(0)]) settleAll(batch, STOPPED)
    this.#gathering.clear()
    for (const running of this.#running) running.abort()
  }

  #batchFor(tool: Tool, count: number, timeoutMs: number): Batch {
    const key = `${count} ${timeoutMs}`
    let batch = this.#gathering.get(key)
    if (batch === undefined) {
      batch = {
        count,
        timeoutMs,
        begunAt: this.#clock.now(),
        waiting: new Map(),
        gathering: undefined,
        patience: undefined,
      }
      const gathered = batch
      batch.gathering = this.#clock.after(GATHER_MS, () => this.#close(gathered, tool))
      this.#gathering.set(key, batch)
    }
    return batch
  }

  /** Nothing is added to it any more. */
  #close(batch: Batch, tool: Tool): void {
    batch.gathering?.cancel()
    this.#gathering.delete(`${batch.count} ${batch.timeoutMs}`)
    batch.patience = this.#clock.after(this.#budgetMs(batch) / 2, () => {
      const at = this.#queue.indexOf(batch)
      if (at >= 0) this.#queue.splice(at, 1)
      settleAll(batch, NOT_BEGUN)
    })
    this.#queue.push(batch)
    this.#beginNext(tool)
  }

  #beginNext(tool: Tool): void {
    while (this.#running.size < MAX_PROCESSES[tool.name]) {
      const batch = this.#queue.shift()
      if (batch === undefined) return
      batch.patience?.cancel()
      void this.#run(batch, tool)
    }
  }

  async #run(batch: Batch, tool: Tool): Promise<void> {
    const abort = new AbortController()
    this.#running.add(abort)
    const budgetMs = this.#budgetMs(batch)
    const deadline = this.#clock.after(budgetMs, () => abort.abort())
    const { name, path } = tool
    const addresses = [...batch.waiting.keys()]
    const hear = name === 'fping' ? (line: string) => hearFping(batch, line) : (line: string) => hearPing(batch, line)
    const end = await runProgram({
      argv: [
        path,
        ...(name === 'fping' ? fpingArguments(addresses, batch.count, budgetMs) : pingArguments(batch, budgetMs)),
      ],
      env: { PATH: this.#searchPath, LC_ALL: 'C' },
      signal: abort.signal,
      onLine: hear,
      onErrorLine: hear,
    })
    deadline.cancel()
    this.#running.delete(abort)
    if (end.error?.code === 'ENOENT') this.#forgetTool()
    settleAll(batch, this.#isClosed ? STOPPED : findingOf(end, name))
    this.#beginNext(tool)
  }

  #budgetMs({ begunAt, timeoutMs }: Batch): number {
    return Math.max(1, timeoutMs * SHARE_OF_TIME - (this.#clock.now() - begunAt))
  }

  /** It is gone: another may be there. */
  #forgetTool(): void {
    this.#tool = undefined
    this.#lookedAt = Number.NEGATIVE_INFINITY
  }

  /** Looks for it once for all that wait. */
  #findTool(): Promise<Tool | undefined> {
    const now = this.#clock.now()
    if (this.#tool === undefined && now - this.#lookedAt >= LOOK_AGAIN_MS) {
      this.#lookedAt = now
      this.#tool = findTool(this.#searchPath)
      void this.#tool.then((found) => {
        if (found === undefined) this.#tool = undefined
      })
    }
    return this.#tool ?? Promise.resolve(undefined)
  }
}

async function findTool(searchPath: string): Promise<Tool | undefined> {
  for (const name of ['fping', 'ping'] as const) {
    const path = await findProgram([name], searchPath)
    if (path !== undefined) return { name, path }
  }
  return undefined
}

/** Its last try began half of the time before the end. */
function pingArguments({ count, waiting }: Batch, budgetMs: number): string[] {
  const seconds = String(Math.ceil(budgetMs / 1000))
  const [address = ''] = waiting.keys()
  const often = count > 1 ? ['-i', '0.2'] : []
  return ['-n', '-c', String(count), '-W', seconds, '-w', seconds, ...often, '--', address]
}

function hearFping(batch: Batch, line: string): void {
  const reply = readFpingLine(line)
  if (reply === undefined) return
  settle(batch, reply.address, reply.ms === undefined ? NO_REPLY : { verdict: Verdict.PASS, latencyMs: reply.ms })
}

function hearPing(batch: Batch, line: string): void {
  const ms = / time[=<]([\d.]+) ?ms/.exec(line)?.[1]
  if (ms !== undefined) settleAll(batch, { verdict: Verdict.PASS, latencyMs: Number(ms) })
}

/** What its end says of the addresses of which it had said nothing. */
function findingOf({ exitCode, error, lastLine }: ProgramEnd, name: Tool['name']): Finding {
  if (error !== undefined) {
    return {
      verdict: Verdict.FAULT,
      reason: ownFault(error) ?? `${name} could not be started (${error.code ?? 'no reason'})`,
    }
  }
  // Beyond: the program itself could not do its work, such as opening a socket.
  const mostReplied = name === 'fping' ? 2 : 1
  if (exitCode === undefined || exitCode <= mostReplied) return NO_REPLY
  return { verdict: Verdict.FAULT, reason: `${name} cannot ping: ${lastLine}` }
}

function settle(batch: Batch, address: string, finding: Finding): void {
  const waiting = batch.waiting.get(address)
  if (waiting === undefined) return
  batch.waiting.delete(address)
  for (const resolve of waiting) resolve(finding)
}

function settleAll(batch: Batch, finding: Finding): void {
  batch.gathering?.cancel()
  batch.patience?.cancel()
  for (const address of [...batch.waiting.keys()]) settle(batch, address, finding)
}
