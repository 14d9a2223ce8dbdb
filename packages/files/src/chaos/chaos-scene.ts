import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@millrace/kernel/clock'
import type { BatchConfig } from '../engine/config.ts'
import type { DiscoveredFile } from '../file.ts'
import type { CheckedChaosOptions } from './chaos-options.ts'
import type { ChaosOrder } from './chaos-order.ts'
import type { Leg } from './fault-plan.ts'
import { type RunFacts, readRun } from './run-facts.ts'
import { type LegResult, runLeg } from './run-leg.ts'

export interface ChaosSceneOptions {
  /** A temporary folder, which has the copy of the tree in `tree`. */
  readonly folder: string
  /** What processors are looked up from. */
  readonly base: string
  /** `name | transform` as the engine takes them. */
  readonly chaos: CheckedChaosOptions
  readonly files: readonly DiscoveredFile[]
  /** Starts that the plan has: the more there are, the smaller the batches. */
  readonly starts: number
  /** The entry of the engine's process. */
  readonly driver: URL
  readonly clock: Clock
}

/** How long an engine may be silent beyond the deadlines of some files, milliseconds. */
const SILENCE_MS = 60_000
const DEADLINES = 4
const LARGEST_BATCH = 25

/** Where engines are started over the copy of a tree, each job with a ledger and an output of its own. */
export class ChaosScene {
  readonly root: string
  /** Pids of all worker processes there have been. */
  readonly workers: number[] = []
  readonly #options: ChaosSceneOptions
  readonly #sizes: Readonly<Record<string, number>>

  constructor(options: ChaosSceneOptions) {
    this.#options = options
    this.root = join(options.folder, 'tree')
    this.#sizes = Object.fromEntries(options.files.map(({ path, size }) => [path, size]))
  }

  /** Bytes of a file, before any damage. */
  sizeOf(path: string): number {
    return this.#sizes[path] ?? 0
  }

  /** Starts an engine on the ledger of that name, and waits until it is gone. */
  async start(name: string, mode: ChaosOrder['mode'], faults: Leg = [], more: BatchConfig = {}): Promise<LegResult> {
    const { folder, base, chaos, driver, clock } = this.#options
    const damaged = faults.flatMap((fault) => (fault.kind === 'damage-file' ? [fault.path] : []))
    const sizes = Object.fromEntries(damaged.map((path) => [path, this.sizeOf(path)]))
    const order: ChaosOrder = { root: this.root, config: { ...this.#config(name), ...more }, mode, faults, sizes }
    const silenceMs = SILENCE_MS + DEADLINES * chaos.deadlineSeconds * 1000
    const result = await runLeg(order, { driver, folder, base, silenceMs, clock, signal: chaos.signal })
    this.workers.push(...result.workers)
    return result
  }

  /** What the job of that name left. */
  facts(name: string): Promise<RunFacts> {
    const { stateDir, out } = this.#config(name)
    return readRun(stateDir, out)
  }

  #config(name: string) {
    const { folder, chaos, files, starts } = this.#options
    const { processors, transforms, workers, deadlineSeconds, heapMb } = chaos
    mkdirSync(join(folder, name), { recursive: true })
    return {
      processors,
      transforms,
      stateDir: join(folder, name, 'state'),
      out: join(folder, name, 'out.jsonl'),
      sink: 'jsonl',
      workerCount: workers,
      timeoutSeconds: deadlineSeconds,
      // Several batches for each worker between two kills.
      batchSize: Math.max(2, Math.min(LARGEST_BATCH, Math.floor(files.length / (2 * starts * workers)))),
      // What is in the copy was chosen already.
      discover: { hidden: true, vendor: true, gitignore: false },
      ...(heapMb !== undefined && { workerHeapMb: heapMb }),
    } satisfies BatchConfig
  }
}
