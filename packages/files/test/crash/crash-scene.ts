import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DriverLine, DriverOrder } from './crash-driver.ts'
import type { LegPlan } from './kill-plan.ts'

const DRIVER = fileURLToPath(new URL('./crash-driver.ts', import.meta.url))
const TALLY = fileURLToPath(new URL('./processors/tally.ts', import.meta.url))
/** PERF: what was compiled once need not be compiled by each of a hundred short-lived processes: a third of a start's time. */
const COMPILED = join(tmpdir(), 'millrace-crash-compiled')
/** Against a hang. An undisturbed run of the largest tree here takes a fifth of it. */
const LONGEST_LEG_MS = 240_000

const STOPPED = JSON.stringify({ type: 'stopped' } satisfies DriverLine)

/** What became of one start of an engine. */
export interface Leg {
  readonly plan: LegPlan
  readonly end: Extract<DriverLine, { type: 'ended' | 'failed' }> | { readonly type: 'killed' }
  readonly starts: number
  /** Pids of its worker processes, dead or alive. */
  readonly workers: readonly number[]
  readonly workersKilled: number
  /** The paths that were given to the processor, in that order. */
  readonly processed: readonly string[]
}

export interface RunOptions extends Partial<Pick<DriverOrder, 'mode' | 'variant' | 'config' | 'watchSink'>> {
  /** What is done while an engine that its plan stops is stopped. */
  readonly whenStopped?: () => Promise<unknown>
  /** A command that the engine is started by, before its own. @default none */
  readonly under?: readonly string[]
}

export interface SceneOptions {
  readonly config?: DriverOrder['config']
}

/** A tree's place, a ledger's place and an output's: where engines are started and killed, one after another. */
export class CrashScene implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-crash-')))
  readonly out = join(this.folder, 'out.jsonl')
  readonly stateDir = join(this.folder, 'state')
  readonly #log = join(this.folder, 'processed.log')
  readonly #config: DriverOrder['config']
  #logged = 0

  constructor({ config = {} }: SceneOptions = {}) {
    this.#config = { workerCount: 2, processors: [TALLY], ...config }
    mkdirSync(this.stateDir)
  }

  /** Starts an engine in a process of its own and waits for its end. */
  async run(root: string, plan: LegPlan, options: RunOptions = {}): Promise<Leg> {
    const { mode = 'run', variant = 'real', config = {}, watchSink = false } = options
    const { whenStopped = async () => {}, under = [] } = options
    const order: DriverOrder = {
      ...{ root, stateDir: this.stateDir, out: this.out, mode, variant, watchSink, kills: plan.kills },
      config: { ...this.#config, ...config },
    }
    const command = [...under, process.execPath, '--conditions=millrace-source', DRIVER, JSON.stringify(order)]
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MILLRACE_CRASH_LOG: this.#log, NODE_COMPILE_CACHE: COMPILED },
    })
    let hung = false
    const bound = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, LONGEST_LEG_MS)
    const killer = setTimeout(() => child.kill('SIGKILL'), plan.killAfterMs ?? LONGEST_LEG_MS)
    let [told, complained] = ['', '']
    let meanwhile: Promise<unknown> | undefined
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text
      if (meanwhile !== undefined || !told.includes(STOPPED)) return
      meanwhile = whenStopped().finally(() => child.kill('SIGCONT'))
      // Awaited below.
      meanwhile.catch(() => {})
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text))
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    await meanwhile
    clearTimeout(bound)
    clearTimeout(killer)
    const lines = told
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as DriverLine)
    const end = lines.find((line) => line.type === 'ended' || line.type === 'failed')
    if (hung || (signal !== 'SIGKILL' && end === undefined)) {
      throw new Error(
        `the engine ${hung ? 'hung' : `ended with ${signal ?? code}`}\n${JSON.stringify(order)}\n${complained}`,
      )
    }
    return {
      plan,
      end: signal === 'SIGKILL' ? { type: 'killed' } : end!,
      starts: lines.find((line) => line.type === 'started')?.starts ?? 0,
      workers: lines.flatMap((line) => (line.type === 'worker' ? [line.pid] : [])),
      workersKilled: lines.filter(({ type }) => type === 'worker-killed').length,
      processed: this.#newlyProcessed(),
    }
  }

  /** The output's bytes, empty where there is none. */
  output(): Buffer {
    return existsSync(this.out) ? readFileSync(this.out) : Buffer.alloc(0)
  }

  /** Temporary files beside the output that nobody will ever finish. */
  strays(): string[] {
    return readdirSync(dirname(this.out)).filter((name) => name.endsWith('.tmp') && name !== basename(this.out))
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #newlyProcessed(): string[] {
    if (!existsSync(this.#log)) return []
    const lines = readFileSync(this.#log, 'utf8').split('\n').slice(0, -1)
    const fresh = lines.slice(this.#logged)
    this.#logged = lines.length
    return fresh.map((line) => JSON.parse(line) as string)
  }
}
