import type { Clock, Db, PgBoss } from 'pg-boss'
import { isServerError } from '../ledger/postgres/postgres-failure.ts'
import type { BatchOrder } from './batch-order.ts'
import { type PackedOrder, packOrder, unpackOrder } from './packed-order.ts'

export interface BoardOptions {
  /** Runs its statements; pg-boss's own port. */
  readonly db: Db
  /** The schema that pg-boss keeps its tables in; made where it is missing. */
  readonly schema: string
  /** What the leases are kept by; a test's turns the database's time too. @default the system's, and the database's */
  readonly clock?: Clock
  /** Told what went wrong behind the scenes and will be tried again. @default nothing */
  readonly onError?: (error: unknown) => void
}

/** A batch in one worker's hands: valid while the board has it under this attempt. */
export interface Claim {
  readonly id: string
  /** How often it had been claimed and lost before. */
  readonly attempt: number
  readonly order: BatchOrder
}

export interface PublishOptions {
  readonly tx?: Db
  /** Nobody can claim them earlier. @default 0 */
  readonly waitSeconds?: number
  /** UUIDs to publish them under: one that is on the board stays as it is. @default new ones */
  readonly ids?: readonly string[]
}

/** The longest that a claim lives without a sign of life, seconds. pg-boss takes no less. */
export const LEASE_SECONDS = 10
/** Claims of a batch that may be lost, one after another, until the coordinator gets it back. */
export const LOST_ATTEMPTS = 3
/** pg-boss also bounds the whole time that a claim may take; a batch may take as long as its files need. */
const LONGEST_BATCH_SECONDS = 86_000
/** pg-boss removes what nobody has claimed for so long, and for a fortnight unless it is told; a job waits for workers for as long as its user does. */
const KEPT_SECONDS = 10 * 365 * 86_400
/** What was lost can be taken as often as the answer to that is lost: there is nobody else to give it to. */
const MOST_ANSWERS_LOST = 1_000_000

/**
 * The board of a job's batches, in PostgreSQL: each is one job of pg-boss.
 *
 * A batch is on the board from the transaction that publishes it to the one that commits its end. It is claimed by one worker at a time. A claim
 * that shows no sign of life for {@link LEASE_SECONDS} is void: the batch can be claimed anew, and whatever the late worker does with
 * the old claim finds that it holds nothing ({@link Board.holds}, {@link Board.end}, {@link Board.touch} are fenced by the attempt). A batch lost
 * {@link LOST_ATTEMPTS} times leaves the queue for the coordinator to look at ({@link Board.takeLost}). Leases are kept by the database's clock.
 */
export class Board implements AsyncDisposable {
  readonly #boss: PgBoss

  private constructor(boss: PgBoss) {
    this.#boss = boss
  }

  /** Makes the tables where they are missing. Throws what the database does. */
  static async open({ db, schema, clock, onError }: BoardOptions): Promise<Board> {
    const { PgBoss } = await import('pg-boss')
    const boss = new PgBoss({
      db,
      schema,
      ...(clock !== undefined && { clock }),
      // Who works looks after the leases itself, once a second: pg-boss's own rounds are a minute apart.
      supervise: false,
      schedule: false,
      monitorIntervalSeconds: 1,
      reindex: false,
      monitorVacuum: false,
    })
    boss.on('error', (error) => onError?.(error))
    await boss.start()
    return new Board(boss)
  }

  /** Makes a queue, empty; one of that name is emptied first. No claim on what was in it holds afterwards. */
  async begin(queue: string): Promise<void> {
    await this.withdraw(queue)
    const settings = {
      heartbeatSeconds: LEASE_SECONDS,
      expireInSeconds: LONGEST_BATCH_SECONDS,
      retryLimit: LOST_ATTEMPTS - 1,
      retryDelay: 0,
      retentionSeconds: KEPT_SECONDS,
    }
    await this.#boss.createQueue(lostOf(queue), { ...settings, retryLimit: MOST_ANSWERS_LOST })
    await this.#boss.createQueue(queue, { ...settings, deadLetter: lostOf(queue) })
  }

  /** Takes the queue and all that is in it off the board, whoever has it in hand: once this settles, no claim on it holds. */
  async withdraw(queue: string): Promise<void> {
    for (const name of [queue, lostOf(queue)]) {
      // pg-boss remembers queues, and trips over one that somebody else has deleted.
      if ((await this.#boss.getQueue(name)) !== null) await this.#boss.deleteQueue(name)
    }
  }

  /** Publishes batches, those of a higher priority before others and else in this order, in the transaction of `tx` where there is one. */
  async publish(queue: string, orders: readonly BatchOrder[], options: PublishOptions = {}): Promise<void> {
    if (orders.length === 0) return
    const { tx, waitSeconds = 0, ids } = options
    const jobs = orders.map((order, place) => ({
      data: packOrder(order),
      priority: order.priority,
      ...(ids !== undefined && { id: ids[place]! }),
      ...(waitSeconds > 0 && { startAfter: waitSeconds }),
    }))
    await this.#boss.insert(queue, jobs, tx === undefined ? {} : { db: tx })
  }

  /** Claims at most `count` batches, in the order in which they are to be done. */
  async claim(queue: string, count: number): Promise<readonly Claim[]> {
    const jobs = await this.#unlessGone(queue, () => this.#boss.fetch<PackedOrder>(queue, { batchSize: count }), [])
    const claims = jobs.map(({ id, retryCount, data }) => ({ id, attempt: retryCount, order: unpackOrder(data) }))
    // The database gives what it has changed in any order.
    return claims.sort(
      ({ order: one }, { order: other }) => other.priority - one.priority || one.batchId - other.batchId,
    )
  }

  /** Shows a sign of life of `claims`; gives those that hold. */
  async touch(queue: string, claims: readonly Claim[]): Promise<readonly Claim[]> {
    if (claims.length === 0) return []
    const touched = await this.#unlessGone(queue, () => this.#boss.touch(queue, claims.map(attemptOf)), {})
    const held = new Set(settledBy(touched))
    // Of two claims on one batch only the later one can hold.
    const latest = new Map<string, number>()
    for (const { id, attempt } of claims) latest.set(id, Math.max(attempt, latest.get(id) ?? 0))
    return claims.filter(({ id, attempt }) => held.has(id) && latest.get(id) === attempt)
  }

  /** Whether a claim holds; if so it goes on to hold until the transaction of `tx` ends. */
  async holds(queue: string, claim: Claim, tx: Db): Promise<boolean> {
    const held = await this.#unlessGone(queue, () => this.#boss.touch(queue, attemptOf(claim), { db: tx }), {})
    return settledBy(held).length === 1
  }

  /** Takes a batch off the board with the transaction of `tx`; gives whether the claim held, so that it did. */
  async end(queue: string, claim: Claim, tx: Db): Promise<boolean> {
    const ended = await this.#unlessGone(queue, () => this.#boss.deleteJob(queue, attemptOf(claim), { db: tx }), {})
    return settledBy(ended).length === 1
  }

  /**
   * The batches that were lost too often: they are the caller's from now on, and off the board with {@link Board.end} of the {@link lostOf} queue. Where its answer
   * was lost, they can be taken again after {@link Board.supervise} of that queue.
   */
  takeLost(queue: string, count: number): Promise<readonly Claim[]> {
    return this.claim(lostOf(queue), count)
  }

  /** Makes void what has shown no sign of life for too long. Everybody who works calls it about once a second; one of them does it. */
  async supervise(queue: string): Promise<void> {
    await this.#unlessGone(queue, () => this.#boss.supervise(queue), undefined)
  }

  /**
   * What a call gives; `nothing` where its queue has been withdrawn, at which pg-boss throws if it has not met the queue before, or not for a minute.
   * Another coordinator may have begun since this one was told of the queue.
   */
  async #unlessGone<T, N>(queue: string, call: () => Promise<T>, nothing: N): Promise<T | N> {
    try {
      return await call()
    } catch (error) {
      if (isServerError(error) || (await this.#boss.getQueue(queue)) !== null) throw error
      return nothing
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ close: false, graceful: false })
  }
}

/** The queue in which what was lost too often waits for the coordinator. */
export function lostOf(queue: string): string {
  return `${queue}-lost`
}

function attemptOf({ id, attempt }: Claim): { id: string; retryCount: number } {
  return { id, retryCount: attempt }
}

/** The jobs that a call of pg-boss changed. It answers so, though its types do not say it; a version that did not would fail every test of the fence. */
function settledBy(response: object): readonly string[] {
  return 'settled' in response && Array.isArray(response.settled) ? response.settled : []
}
