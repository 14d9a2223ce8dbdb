import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { JobOwner, JobRow, Ledger } from '../ledger/ledger.ts'
import type { OpenLedgerOptions } from '../ledger/open-ledger.ts'
import type { ForkProcess } from '../worker/child-executor.ts'
import type { Crew, CrewOptions } from './crew.ts'
import type { JobHome } from './job-home.ts'
import { LocalCrew } from './local-crew.ts'
import { SpareWorkers } from './spare-workers.ts'

/**
 * This machine, for one who starts job after job over one tree with one configuration: the ledger stays open and a worker up, which is most of what a
 * job over few files takes. Between jobs the ledger is nobody's, so that others have their turn.
 */
export class LastingHome implements JobHome, AsyncDisposable {
  readonly #home: JobHome
  readonly #fork: ForkProcess | undefined
  readonly #spare = new SpareWorkers()
  #ledger: { readonly open: Ledger; readonly stateDir: string; readonly file: string | undefined } | undefined
  /** Of the job at hand: a worker that is kept goes by it. */
  #crew: CrewOptions | undefined

  constructor(home: JobHome, fork: ForkProcess | undefined) {
    this.#home = home
    this.#fork = fork
  }

  place(stateDir: string): string {
    return this.#home.place(stateDir)
  }

  hasLedger(stateDir: string): boolean {
    return this.#home.hasLedger(stateDir)
  }

  async openLedger(stateDir: string, options?: OpenLedgerOptions): Promise<Ledger> {
    if (options !== undefined) return this.#home.openLedger(stateDir, options)
    const kept = this.#ledger
    // One that was moved away is opened anew, as it would be without this.
    if (kept?.stateDir === stateDir && kept.file !== undefined && kept.file === fileOf(stateDir)) return kept.open
    await this.#closeLedger()
    const open = await this.#home.openLedger(stateDir)
    this.#ledger = { open, stateDir, file: fileOf(stateDir) }
    return open
  }

  async leaveLedger(ledger: Ledger): Promise<void> {
    try {
      await ledger.release()
    } catch {
      // What is wrong with it was told by the job, or will be when it is opened anew.
      await this.#closeLedger().catch(() => {})
    }
  }

  liveness(ledger: Ledger): Promise<(job: JobRow) => boolean> {
    return this.#home.liveness(ledger)
  }

  attend(owner: JobOwner): Promise<AsyncDisposable> {
    return this.#home.attend(owner)
  }

  crew(options: CrewOptions): Crew {
    // A worker reads below the root that it was started for, and a link may lead to another one by now.
    if (this.#crew?.root !== options.root) this.#spare.clear()
    this.#crew = options
    const current = () => this.#crew ?? options
    const lasting: CrewOptions = {
      ...options,
      config: () => current().config(),
      emit: (event) => current().emit(event),
    }
    return new LocalCrew(lasting, this.#fork, this.#spare)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spare[Symbol.asyncDispose]()
    await this.#closeLedger()
  }

  async #closeLedger(): Promise<void> {
    const kept = this.#ledger
    this.#ledger = undefined
    await kept?.open.close()
  }
}

/** Tells the ledger's file from another in its place. */
function fileOf(stateDir: string): string | undefined {
  const stats = statSync(join(stateDir, 'ledger.db'), { throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}`
}
