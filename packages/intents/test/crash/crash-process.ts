import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClientOrder, type End, LETTERS } from './crash-client-order.ts'

const CLIENT = fileURLToPath(new URL('./crash-client.ts', import.meta.url))
/** PERF: what was compiled once need not be compiled by each of a hundred short-lived processes. */
const COMPILED = join(tmpdir(), 'millrace-crash-compiled')
/** Against a hang. */
const LONGEST_MS = 230_000

const ENDS = new Map(Object.entries(LETTERS).map(([end, letter]) => [letter as string, end as End]))

/** A scheduler under load in a process of its own, and what it told before it was killed. */
export class CrashProcess {
  /** By intent's name. */
  readonly told = new Map<string, End>()
  /** Codes of the errors that intents ended with. */
  readonly codes = new Map<string, number>()
  /** How many it told were in the database. */
  acknowledged = 0
  readonly #child: ChildProcess
  readonly #closed: Promise<void>
  #isClosed = false
  #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  constructor(order: ClientOrder) {
    const child = spawn(process.execPath, ['--conditions=millrace-source', CLIENT, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    })
    let complaint = ''
    let rest = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#hear(line, order.prefix)
      this.#wake()
    })
    let isHung = false
    const bound = setTimeout(() => {
      isHung = true
      child.kill('SIGKILL')
    }, LONGEST_MS)
    this.#child = child
    this.#closed = once(child, 'close').then(([code, signal]) => {
      clearTimeout(bound)
      this.#isClosed = true
      this.#wake()
      if (isHung) throw new Error(`the client hung; it told ${this.told.size} ends\n${complaint}`)
      if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the client ended with ${signal ?? code}\n${complaint}`)
    })
    // Awaited by those who care.
    this.#closed.catch(() => {})
  }

  /** Resolves when so many were acknowledged, or it has ended. */
  acknowledges(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve })
      this.#wake()
    })
  }

  /** Resolves when it has ended, and all that it told was heard. */
  ended(): Promise<void> {
    return this.#closed
  }

  /** Ends it at once; whether it still was there. */
  async kill(): Promise<boolean> {
    const wasThere = this.#child.kill('SIGKILL')
    await this.#closed
    return wasThere && this.#child.signalCode === 'SIGKILL'
  }

  #hear(line: string, prefix: string): void {
    const [letter = '', n, code] = line.split(' ')
    const end = ENDS.get(letter)
    if (end === undefined) throw new Error(`the client said ${JSON.stringify(line)}`)
    this.told.set(`${prefix}${n}`, end)
    if (code) this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
    if (end === 'committed' || end === 'duplicate') this.acknowledged++
  }

  #wake(): void {
    const isDue = ({ count }: { readonly count: number }) => this.#isClosed || this.acknowledged >= count
    for (const { resolve } of this.#waiting.filter(isDue)) resolve()
    this.#waiting = this.#waiting.filter((each) => !isDue(each))
  }
}
