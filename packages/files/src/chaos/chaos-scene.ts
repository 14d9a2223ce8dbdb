import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@millrace/kernel/clock'
import type { BatchConfig } from '../engine/config.ts'
import { entryUrl } from '../entry-url.ts'
import type { DiscoveredFile } from '../file.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { openPostgresLedger } from '../ledger/postgres/open-postgres-ledger.ts'
import type { CheckedChaosOptions } from './chaos-options.ts'
import type { ChaosOrder } from './chaos-order.ts'
import { ClusterHands } from './cluster-hands.ts'
import type { ClusterPlace } from './cluster-place.ts'
import type { Leg } from './fault-plan.ts'
import { type RunFacts, readRun } from './run-facts.ts'
import { type LegResult, type RunLegOptions, runLeg } from './run-leg.ts'

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
  /** Where the disturbed job is coordinated for workers of their own, where that is what is tried. */
  readonly place: ClusterPlace | undefined
  readonly clock: Clock
}

/** How long an engine may be silent beyond the deadlines of some files, milliseconds. */
const SILENCE_MS = 60_000
const DEADLINES = 4
const LARGEST_BATCH = 25

/** The job that is disturbed; over PostgreSQL where there is a place for it, as the others never are. */
export const DISTURBED = 'disturbed'

/** Where engines are started over the copy of a tree, each job with a ledger and an output of its own. */
export class ChaosScene implements AsyncDisposable {
  readonly root: string
  /** Pids of all worker processes there have been. */
  readonly workers: number[] = []
  readonly #options: ChaosSceneOptions
  readonly #sizes: Readonly<Record<string, number>>
  #hands: ClusterHands | undefined

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
    const ledger = this.#ledgerOf(name)
    const config = { ...this.#config(name), ...more }
    const order: ChaosOrder = { root: this.root, config, mode, faults, sizes, ...(ledger !== undefined && { ledger }) }
    const silenceMs = SILENCE_MS + DEADLINES * chaos.deadlineSeconds * 1000
    const hands = ledger === undefined ? undefined : this.#handsOf(ledger)
    const onMade: RunLegOptions['onMade'] = ({ pid }) => pid !== undefined && hands?.endLater(pid)
    const result = await runLeg(order, { driver, folder, base, silenceMs, clock, signal: chaos.signal, onMade })
    this.workers.push(...result.workers)
    return result
  }

  /** What the job of that name left. */
  async facts(name: string): Promise<RunFacts> {
    const { stateDir, out } = this.#config(name)
    const place = this.#ledgerOf(name)
    await using ledger = await (place === undefined
      ? openLedger(stateDir, { readonly: true })
      : openPostgresLedger({ ...place, readonly: true }))
    return await readRun(ledger, out)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hands?.[Symbol.asyncDispose]()
  }

  #ledgerOf(name: string): ChaosOrder['ledger'] {
    const { place } = this.#options
    return name === DISTURBED && place !== undefined ? { url: place.url, schema: place.schema } : undefined
  }

  #handsOf(ledger: NonNullable<ChaosOrder['ledger']>): ClusterHands {
    const { folder, base, chaos, clock } = this.#options
    const config = chaos.heapMb === undefined ? {} : { workerHeapMb: chaos.heapMb }
    this.#hands ??= new ClusterHands({
      count: chaos.workers,
      order: { ledger, root: this.root, workerCount: 1, config },
      driver: entryUrl('./work-driver', import.meta.url),
      folder,
      base,
      clock,
    })
    return this.#hands
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
