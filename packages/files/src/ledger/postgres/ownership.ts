import { hostname } from 'node:os'
import { MillraceError } from '@millrace/kernel/errors'
import { isConnectionLoss, unreachable } from './postgres-failure.ts'
import type { Session } from './session.ts'
import type { Statements } from './statements.ts'

/** Who owns a ledger. */
export interface LedgerOwner {
  /** How often it was taken up to then. */
  readonly epoch: number
  readonly pid: number
  readonly host: string
  /** When it was taken, milliseconds since the epoch, by the database's clock. */
  readonly sinceMs: number
}

/** How often a lost lock is asked for again, and how long between, while the server ends the session that had it. */
const ATTEMPTS = 40
const BETWEEN_MS = 50

/**
 * The ownership of a ledger, for the process that has it: a lock of a session, which the server keeps and which ends with that.
 *
 * All that only an owner may write is written by the session that has the lock: a transaction of it cannot be committed when the lock is lost.
 * Whoever takes the lock raises the epoch. So an owner whose connection was lost may go on, on another one, where the epoch is still its own;
 * where it is not, somebody took over, and it is refused for good.
 */
export class Ownership {
  readonly #sql: Statements
  readonly #place: string
  #epoch: number | undefined
  #replaced: MillraceError | undefined

  constructor(sql: Statements, place: string) {
    this.#sql = sql
    this.#place = place
  }

  /** The epoch of this ownership; undefined where there is none. */
  get epoch(): number | undefined {
    return this.#epoch
  }

  /** Why an ownership there was is no more. */
  get replaced(): MillraceError | undefined {
    return this.#replaced
  }

  async tryTake(session: Session): Promise<boolean> {
    if (this.#epoch !== undefined) return true
    if (!(await session.value<boolean>(this.#sql.tryOwn))) return false
    this.#epoch = await session.value<number>(this.#sql.raiseEpoch, process.pid, hostname())
    this.#replaced = undefined
    return true
  }

  /**
   * Takes the lock again after the connection that had it was lost.
   * @throws {MillraceError} `COORDINATOR_REPLACED` where another has taken over, which ends the ownership; `LEDGER_UNREACHABLE` where the lock
   * cannot be had yet.
   */
  async resume(session: Session): Promise<void> {
    const epoch = this.#epoch
    if (epoch === undefined) return
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await session.value<boolean>(this.#sql.tryOwn)) {
        if ((await session.one(this.#sql.keepEpoch, epoch)) !== undefined) return
        await session.value(this.#sql.disown)
      }
      const owner = await ownerOf(session, this.#sql)
      if (owner.epoch !== epoch) {
        this.#epoch = undefined
        this.#replaced = replaced(owner, this.#place)
        throw this.#replaced
      }
      // It is our own former session that has it: the server has not seen yet that its connection is gone.
      await session.all(this.#sql.endFormerSession, epoch)
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
    }
    throw unreachable(new Error('the former connection still has the lock'), this.#place)
  }

  /** Gives it up, where it is held. */
  async giveUp(session: Session): Promise<void> {
    const epoch = this.#epoch
    if (epoch === undefined) return
    this.#epoch = undefined
    try {
      await session.all(this.#sql.forgetOwner, epoch)
      await session.value(this.#sql.disown)
    } catch (error) {
      // Without the connection there is no lock.
      if (!isConnectionLoss(error)) throw error
    }
  }
}

/** Who owned a ledger last, and whether the lock is held at all. A standby knows nothing of locks: there it is taken for held until it is given up. */
export async function ownerOf(
  session: Session,
  sql: Statements,
): Promise<Partial<LedgerOwner> & { epoch: number; held: boolean }> {
  const [[epoch, pid, host, sinceMs, held]] = (await session.tuples(sql.owner)) as [
    [number, number | null, string | null, number | null, boolean],
  ]
  if (pid === null || host === null || sinceMs === null) return { epoch, held }
  return { epoch, pid, host, sinceMs, held }
}

function replaced({ epoch, pid, host }: Partial<LedgerOwner>, place: string): MillraceError {
  const who = pid === undefined ? 'Another process' : `Process ${pid} on ${host}`
  return new MillraceError(
    'COORDINATOR_REPLACED',
    `${who} has taken over the ledger in PostgreSQL while this one had no connection to it (${place}). Nothing is lost: it goes on with the job, and this one ends.`,
    { detail: { place, pid, host, epoch } },
  )
}
