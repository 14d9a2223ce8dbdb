import type { Workforce } from '../dispatch/dispatch.ts'
import type { EngineEvent } from '../engine/events.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { listWorkers, type RegisteredWorker } from './worker-registry.ts'

/** Who works at the moment, as the coordinator knows it; tells of those who come and go. */
export class WorkerWatch {
  readonly #database: LedgerDatabase
  readonly #emit: (event: EngineEvent) => void
  /** Those that are gone too: what they have done counts. */
  readonly #last = new Map<string, RegisteredWorker>()
  #present: readonly RegisteredWorker[] = []

  constructor(database: LedgerDatabase, emit: (event: EngineEvent) => void) {
    this.#database = database
    this.#emit = emit
  }

  /** Batches that all workers together can have in hand now. */
  get slots(): number {
    return this.#present.reduce((sum, { limit }) => sum + limit, 0)
  }

  /** Why none of the workers there are begins anything, or null where one does. */
  get shortage(): string | null {
    const short = this.#present.flatMap((worker) => (worker.short === null ? [] : [worker]))
    const [first] = short
    if (first === undefined || short.length < this.#present.length) return null
    return `the workers wait: ${first.short} (${first.host})`
  }

  get names(): readonly string[] {
    return this.#present.map(({ name }) => name)
  }

  async look(): Promise<void> {
    const before = new Map(this.#present.map((worker) => [worker.name, worker]))
    this.#present = await listWorkers(this.#database)
    for (const worker of this.#present) {
      this.#last.set(worker.name, worker)
      if (!before.delete(worker.name)) this.#emit({ type: 'worker-started', worker: worker.worker, pid: worker.pid })
    }
    for (const { worker, pid, name } of before.values()) {
      const detail = `${name} has left, or nothing was heard of it`
      this.#emit({ type: 'worker-stopped', worker, pid, reason: 'drained', detail })
    }
  }

  workforce(): Workforce {
    let busyMs = 0
    let replaced = 0
    for (const worker of this.#last.values()) {
      busyMs += worker.busyMs
      replaced += worker.replaced
    }
    return {
      workers: this.slots,
      busy: this.#present.reduce((sum, { busy }) => sum + busy, 0),
      replaced,
      busyMs,
      perWorker: this.#present.map(({ worker, host, pid, busy, files, busyMs, slots, ageMs, rssMb, cpuMs }) => ({
        worker,
        host,
        pid,
        busy: busy > 0,
        files,
        utilisation: ageMs > 0 ? Math.min(1, busyMs / (ageMs * slots)) : 0,
        rssMb,
        cpuMs,
      })),
    }
  }
}
