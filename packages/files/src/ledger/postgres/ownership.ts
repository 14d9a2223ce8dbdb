import { hostname } from 'node:os'
import { MillraceError } from '@millrace/kernel/errors'
import { isConnectionLoss, isServerError, unreachable } from './postgres-failure.ts'
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
 * where it is not, somebody took over, and it is refused for good. So it is where the server is another one by now, a standby that took over or a
 * restored copy: what it had not received was acknowledged here, and what it gives out anew, such as the numbers of files, is taken here.
 */
export class Ownership {
  readonly #sql: Statements
  readonly #place: string
  #epoch: number | undefined
  /** Of the server at which it was taken, see {@link historyOf}. */
  #history: string | undefined
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
    this.#history = await historyOf(session, this.#sql)
    this.#epoch = await session.value<number>(this.#sql.raiseEpoch, process.pid, hostname())
    this.#replaced = undefined
    return true
  }

  /**
   * Takes the lock again after the connection that had it was lost.
   * @throws {MillraceError} `COORDINATOR_REPLACED` where another has taken over, `LEDGER_SET_BACK` where the server is another one, which end the
   * ownership; `LEDGER_UNREACHABLE` where the lock cannot be had yet.
   */
  async resume(session: Session): Promise<void> {
    const epoch = this.#epoch
    if (epoch === undefined) return
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await session.value<boolean>(this.#sql.tryOwn)) {
        const isKept = (await session.one(this.#sql.keepEpoch, epoch)) !== undefined
        // Asked of one that takes changes: a standby does not tell.
        if (isKept) return await this.#expectSameHistory(session)
        await session.value(this.#sql.disown)
      }
      await this.#expectSameHistory(session)
      const owner = await ownerOf(session, this.#sql)
      if (owner.epoch !== epoch) throw this.#end(replaced(owner, this.#place))
      // It is our own former session that has it: the server has not seen yet that its connection is gone.
      await session.all(this.#sql.endFormerSession, epoch)
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
    }
    throw unreachable(new Error('the former connection still has the lock'), this.#place)
  }

  async #expectSameHistory(session: Session): Promise<void> {
    const history = await historyOf(session, this.#sql)
    if (this.#history === undefined || history === undefined || history === this.#history) return
    throw this.#end(setBack(this.#place))
  }

  #end(why: MillraceError): MillraceError {
    this.#epoch = undefined
    this.#replaced = why
    return why
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

/** Tells a server, and a line of changes made on it, from others: another since a standby was promoted, or a copy restored. Undefined where it does not say. */
async function historyOf(session: Session, sql: Statements): Promise<string | undefined> {
  try {
    return await session.value<string>(sql.history)
  } catch (error) {
    if (isServerError(error) && !isConnectionLoss(error)) return undefined
    throw error
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

function setBack(place: string): MillraceError {
  return new MillraceError(
    'LEDGER_SET_BACK',
    `PostgreSQL goes on from another server, or from a copy, and may lack what was acknowledged last (${place}). The job ends here, as it would mistake one file for another there: \`millrace files resume --postgres URL\` compares the tree with what there is, and does again what was lost.`,
    { detail: { place } },
  )
}
