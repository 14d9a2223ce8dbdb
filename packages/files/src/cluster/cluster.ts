import { systemClock } from '@millrace/kernel/clock'
import type { Crew, CrewOptions } from '../engine/crew.ts'
import type { JobHome } from '../engine/job-home.ts'
import type { JobOwner, JobRow, Ledger } from '../ledger/ledger.ts'
import type { OpenLedgerOptions } from '../ledger/open-ledger.ts'
import { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../ledger/postgres/postgres-ledger.ts'
import type { PostgresLedgerOptions } from '../ledger/postgres/postgres-options.ts'
import type { ScheduledMoment } from '../schedule/scheduled.ts'
import { attend } from './attendance.ts'
import type { Board } from './board.ts'
import { ClusterDispatch } from './cluster-dispatch.ts'
import { type ClusterScheduleOptions, clusterScheduled } from './cluster-schedule.ts'
import { livenessOf } from './liveness.ts'
import { boardSchema, openBoard } from './open-board.ts'
import { answerRequests, type CoordinatorAnswer, type CoordinatorRequest } from './requests.ts'
import { sqlOf } from './transaction-db.ts'

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
  readonly #board: Board
  /** The one that owns, or is about to. */
  #ledger: PostgresLedger | undefined

  private constructor(database: LedgerDatabase, board: Board, workCommand: string) {
    this.#database = database
    this.#board = board
    this.#workCommand = workCommand
  }

  /** @throws {MillraceError} `OPTION_INVALID`, `PEER_MISSING`, `LEDGER_…`, as the ledger's database does. */
  static async open({ ledger, workCommand = WORK_COMMAND }: ClusterOptions): Promise<Cluster> {
    const database = await LedgerDatabase.open(ledger)
    try {
      return new Cluster(database, await openBoard(database), workCommand)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  place(): string {
    return this.#database.place
  }

  hasLedger(): boolean {
    return true
  }

  async openLedger(_stateDir?: string, { readonly = false }: OpenLedgerOptions = {}): Promise<Ledger> {
    const ledger = new PostgresLedger(this.#database)
    if (!readonly) this.#ledger = ledger
    return ledger
  }

  leaveLedger(ledger: Ledger): Promise<void> {
    return ledger.close()
  }

  /** Who owns a ledger is known here: where nobody does, nobody works on its jobs, whatever machine they were on. */
  liveness(ledger: Ledger): Promise<(job: JobRow) => boolean> {
    const own = ledger instanceof PostgresLedger ? ledger : new PostgresLedger(this.#database)
    return livenessOf(this.#database, own)
  }

  attend(owner: JobOwner): Promise<AsyncDisposable> {
    return attend(this.#database, owner, systemClock)
  }

  crew(crew: CrewOptions): Crew {
    return {
      warm: () => {},
      rest: () => {},
      wanted: () => 0,
      dispatch: (work) => {
        const database = this.#database
        // A job is started by who owns its ledger.
        const ledger = this.#ledger!
        const [board, workCommand] = [this.#board, this.#workCommand]
        const hold = () => ledger.owner()
        return new ClusterDispatch({ crew, work, database, board, epoch: ledger.epoch!, hold, workCommand })
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

  /**
   * The moments of a schedule that machines share: each comes to one of those who iterate, none while the work of one before goes on.
   * @throws {MillraceError} `SCHEDULE_INVALID`, `PEER_MISSING`, and what the ledger's database does.
   */
  async *scheduled(options: ClusterScheduleOptions): AsyncGenerator<ScheduledMoment, void, undefined> {
    try {
      yield* clusterScheduled(options, { db: sqlOf(this.#database.pool), schema: boardSchema(this.#database) })
    } catch (error) {
      throw this.#database.failure(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#board[Symbol.asyncDispose]()
    await this.#database.close()
  }
}
