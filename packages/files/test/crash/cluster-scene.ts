import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ProcessLine, ProcessOrder } from './cluster-driver.ts'

const PROCESS = fileURLToPath(new URL('./cluster-driver.ts', import.meta.url))
const TALLY = fileURLToPath(new URL('./processors/tally.ts', import.meta.url))
const COMPILED = join(tmpdir(), 'millrace-crash-compiled')
/** What a process fails with that comes while the server has not seen the end of the one before, or is being restarted. */
const PASSING = ['LEDGER_OWNED', 'LEDGER_UNREACHABLE', 'LEDGER_BUSY']
/** Starts of coordinators in a row that fail so, until the scene is given up. */
const MOST_REFUSALS = 60

export interface SceneOptions {
  readonly url: string
  readonly root: string
  readonly batchSize: number
  readonly workers: number
  /** @default the tally alone */
  readonly processors?: readonly string[]
  /** The address that a worker, by its place, is given. @default the scene's */
  readonly urlOf?: (place: number) => string
  /** Told each commit of a worker, and may kill. */
  readonly onCommit?: (scene: ClusterScene, place: number) => void
}

/** One coordinator and some workers, each a process; whoever is killed is started anew, until the job has ended. */
export class ClusterScene implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-crash-')))
  readonly out = join(this.folder, 'out.jsonl')
  readonly #options: SceneOptions
  readonly #workers: (ChildProcess | undefined)[] = []
  readonly #ended = Promise.withResolvers<Extract<ProcessLine, { type: 'ended' }>>()
  #coordinator: ChildProcess | undefined
  #over = false
  #refusals = 0
  readonly #onLost: (() => void)[] = []
  coordinatorsKilled = 0
  workersKilled = 0
  /** Workers that a signal ended, whoever sent it. */
  workersDied = 0
  /** Batches that workers were told they had lost. */
  lost = 0
  commits = 0

  constructor(options: SceneOptions) {
    this.#options = options
    this.#startCoordinator()
    for (let place = 0; place < options.workers; place++) this.#startWorker(place)
  }

  /** Settles when a coordinator has brought the job to its end. */
  get ended(): Promise<Extract<ProcessLine, { type: 'ended' }>> {
    return this.#ended.promise
  }

  /** Settles when workers were told so often that a batch is no longer theirs. */
  async lostAtLeast(batches: number): Promise<void> {
    while (this.lost < batches) await new Promise((resolve) => this.#onLost.push(resolve as () => void))
  }

  output(): Buffer {
    return readFileSync(this.out)
  }

  /** Kills the coordinator; gives whether there was one. */
  killCoordinator(): boolean {
    const killed = !this.#over && (this.#coordinator?.kill('SIGKILL') ?? false)
    if (killed) this.coordinatorsKilled++
    this.#coordinator = undefined
    return killed
  }

  /** Kills the worker at a place, or where it is being started anew the next one that is there; gives whether there was one. */
  killWorker(place: number): boolean {
    const count = this.#options.workers
    for (let step = 0; step < count; step++) {
      const at = (place + step) % count
      const killed = !this.#over && this.#workers[at]?.kill('SIGKILL') === true
      this.#workers[at] = killed ? undefined : this.#workers[at]
      if (!killed) continue
      this.workersKilled++
      return true
    }
    return false
  }

  [Symbol.dispose](): void {
    this.#over = true
    this.#coordinator?.kill('SIGKILL')
    for (const worker of this.#workers) worker?.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #startCoordinator(): void {
    const { url, root, batchSize, processors = [TALLY] } = this.#options
    const order = { url, root, batchSize, out: this.out, stateDir: join(this.folder, 'state'), processors }
    this.#coordinator = this.#start({ role: 'coordinator', ...order }, (line) => {
      if (line.type === 'started') this.#refusals = 0
      if (line.type === 'ended') {
        this.#over = true
        this.#ended.resolve(line)
      }
      if (line.type !== 'failed') return
      const isPassing = PASSING.includes(line.code) && ++this.#refusals < MOST_REFUSALS
      if (!isPassing) this.#ended.reject(new Error(`${line.code}: ${line.message}`))
    })
    // Behind its end comes what it had said: that the job has ended, too.
    this.#coordinator.on('close', () => !this.#over && this.#startCoordinator())
  }

  #startWorker(place: number): void {
    const { url, root, urlOf = () => url, onCommit } = this.#options
    const worker = this.#start({ role: 'worker', url: urlOf(place), root }, (line) => {
      // One that starts while the server does is told so, and comes again.
      if (line.type === 'failed' && !PASSING.includes(line.code))
        this.#ended.reject(new Error(`worker: ${line.code}: ${line.message}`))
      if (line.type === 'lost') {
        this.lost++
        for (const told of this.#onLost.splice(0)) told()
      }
      if (line.type !== 'committed') return
      this.commits++
      onCommit?.(this, place)
    })
    this.#workers[place] = worker
    worker.on('close', (_, signal) => {
      if (this.#over) return
      if (signal !== null) this.workersDied++
      this.#startWorker(place)
    })
  }

  #start(order: ProcessOrder, onLine: (line: ProcessLine) => void): ChildProcess {
    const child = spawn(process.execPath, ['--conditions=millrace-source', PROCESS, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    createInterface(child.stdout).on('line', (line) => onLine(JSON.parse(line) as ProcessLine))
    child.on('close', (code, signal) => {
      if (code !== 0 && signal === null) this.#ended.reject(new Error(`${order.role} ended with ${code}: ${complaint}`))
    })
    return child
  }
}
