import type { Crew, CrewOptions } from '../engine/crew.ts'
import type { JobHome } from '../engine/job-home.ts'
import { isOwnerAlive } from '../ledger/job-owner.ts'
import type { JobRow, Ledger } from '../ledger/ledger.ts'
import type { OpenLedgerOptions } from '../ledger/open-ledger.ts'
import { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../ledger/postgres/postgres-ledger.ts'
import type { PostgresLedgerOptions } from '../ledger/postgres/postgres-options.ts'
import type { Board } from './board.ts'
import { ClusterDispatch } from './cluster-dispatch.ts'
import { openBoard } from './open-board.ts'
import { answerRequests, type CoordinatorAnswer, type CoordinatorRequest } from './requests.ts'

export interface ClusterOptions {
  /** The database; its ledger is the job's. */
  readonly ledger: Pick<PostgresLedgerOptions, 'url' | 'connection' | 'schema'>
  /** What starts a worker, as it is told while there is none. @default 'millrace files work --postgres URL --root DIR' */
  readonly workCommand?: string
}

const WORK_COMMAND = 'millrace files work --postgres URL --root DIR'

/**
 * PostgreSQL as the home of jobs: the ledger is there, and workers on any machine do the batches.
 *
 * Give it to an engine, which then coordinates: `new BatchProcessingEngine(config, { home: cluster })`. One engine at a time owns the ledger; when
 * it dies, another one that resumes the job takes over what is left, on whichever machine has the same tree.
 */
export class Cluster implements JobHome, AsyncDisposable {
  readonly #database: LedgerDatabase
  readonly #workCommand: string
  #board: Board | undefined
  /** The one that owns, or is about to. */
  #ledger: PostgresLedger | undefined

  private constructor(database: LedgerDatabase, workCommand: string) {
    this.#database = database
    this.#workCommand = workCommand
  }

  /** @throws {MillraceError} `OPTION_INVALID`, `PEER_MISSING`, `LEDGER_…`, as the ledger's database does. */
  static async open({ ledger, workCommand = WORK_COMMAND }: ClusterOptions): Promise<Cluster> {
    return new Cluster(await LedgerDatabase.open(ledger), workCommand)
  }

  place(): string {
    return this.#database.place
  }

  hasLedger(): boolean {
    return true
  }

  async openLedger(_stateDir?: string, { readonly = false }: OpenLedgerOptions = {}): Promise<Ledger> {
    const ledger = new PostgresLedger(this.#database)
    if (readonly) return ledger
    this.#ledger = ledger
    this.#board ??= await openBoard(this.#database)
    return ledger
  }

  /** Who owns a ledger is known here: where nobody does, nobody works on its jobs, whatever machine they were on. */
  async liveness(ledger: Ledger): Promise<(job: JobRow) => boolean> {
    const isFree = await ledger.tryOwn()
    return isFree ? () => false : ({ owner }) => isOwnerAlive(owner)
  }

  crew(crew: CrewOptions): Crew {
    return {
      warm: () => {},
      rest: () => {},
      wanted: () => 0,
      dispatch: (work) => {
        const database = this.#database
        // A job is started by who owns its ledger, which was opened with the board.
        const epoch = this.#ledger!.epoch!
        return new ClusterDispatch({ crew, work, database, board: this.#board!, epoch, workCommand: this.#workCommand })
      },
      [Symbol.asyncDispose]: async () => {},
    }
  }

  /** Has `answer` answer what others ask of this coordinator, until the result is disposed of. A job must have been started. */
  serve(answer: (request: CoordinatorRequest) => Promise<CoordinatorAnswer>): AsyncDisposable {
    const stop = new AbortController()
    const serving = answerRequests(this.#database, this.#ledger?.epoch ?? 0, answer, stop.signal)
    return {
      [Symbol.asyncDispose]: async () => {
        stop.abort()
        await serving
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#board?.[Symbol.asyncDispose]()
    await this.#database.close()
  }
}
