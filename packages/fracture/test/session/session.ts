import {
  type CutoutBatchProcessor,
  type CutoutBatchProcessorOptions,
  FractureResult,
  type JobId,
} from '../../src/index.ts'
import { turn } from '../fake-pool.ts'
import { codeOf } from '../open-processor.ts'
import { ScriptedHost } from './scripted-host.ts'
import { StreamProbe } from './stream-probe.ts'

/** What is known of the polygons that a session has fractured. */
export interface SessionShapes {
  readonly polygonOf: (id: number, isDear: boolean) => number[]
  readonly idOf: (result: FractureResult) => number
}

/** Something that a user does. */
export interface UserAct {
  readonly kind: (typeof userActs)[number]
  readonly n: number
  readonly m: number
  readonly isOdd: boolean
}

/** Those that come often stand there more than once. */
export const userActs = [
  ...['submit', 'submit', 'submit', 'fracture', 'fracture', 'batch', 'ahead', 'parallel'],
  ...['cancel', 'cancel', 'abort', 'meddle', 'meddle', 'drain'],
  ...['open stream', 'push', 'push', 'push', 'read', 'room', 'end stream', 'frame', 'frame', 'frame', 'close'],
] as const satisfies readonly string[] as readonly (
  | ('submit' | 'fracture' | 'batch' | 'ahead' | 'parallel' | 'cancel' | 'abort' | 'meddle' | 'drain' | 'open stream')
  | ('push' | 'read' | 'room' | 'end stream' | 'frame' | 'close')
)[]

const BAD = [0, 0]
const DESERVED =
  /^(BAD|MINE|GONE|JOB_DROPPED|JOB_CANCELLED|POLYGON_INVALID|GATE_FULL|PROCESSOR_CLOSED|STREAM_CLOSED|FRAME_REENTERED|WORKER_DIED)$/
/** What `entries/moody.ts` throws. */
const isMood = (error: unknown) => error instanceof Error && error.message === 'out of sorts'
const mine = () => Object.assign(new Error('mine'), { code: 'MINE' })
const gone = () => Object.assign(new Error('gone'), { code: 'GONE' })

/** A user of a processor who does all that can be done with one, in any order, and keeps books of what comes of it. */
export class Session {
  readonly processor: CutoutBatchProcessor
  readonly host = new ScriptedHost()
  readonly faults: string[] = []
  readonly #shapes: SessionShapes
  readonly #hasCache: boolean
  /** The polygon of each job of which signals tell, where it is known; and how often they told. */
  readonly #ids = new Map<JobId, number>()
  readonly #told = new Map<JobId, number>()
  readonly #batches = new Map<JobId, number>()
  /** What is to settle, by what it is. */
  readonly #open = new Map<object, string>()
  readonly #streams: StreamProbe[] = []
  #control = new AbortController()
  #isHurried = false
  #acts = 0

  constructor(Processor: typeof CutoutBatchProcessor, options: CutoutBatchProcessorOptions, shapes: SessionShapes) {
    this.#shapes = shapes
    this.#hasCache = options.cacheBytes !== 0
    this.processor = new Processor({ ...options, frames: this.host })
    const { jobCompleted, jobFailed, jobCancelled, batchCompleted } = this.processor
    jobCompleted.subscribe(({ jobId, result }) => {
      this.#hear(jobId)
      this.#expect((this.#ids.get(jobId) ?? shapes.idOf(result)) === shapes.idOf(result), `${jobId} is another's`)
    })
    jobFailed.subscribe(({ jobId, error }) => {
      this.#hear(jobId)
      this.#deserves(error, `job ${jobId}`)
    })
    jobCancelled.subscribe(({ jobId, reason }) => {
      this.#hear(jobId)
      this.#deserves(reason, `job ${jobId}`)
    })
    batchCompleted.subscribe(({ batchId, results }) => {
      const isWhole = [...results].every((each) => each instanceof FractureResult || each instanceof Error)
      this.#expect(isWhole && results.length === this.#batches.get(batchId), `batch ${batchId} ${results.length}`)
      this.#batches.delete(batchId)
    })
  }

  /** Does it; what it throws must be deserved. */
  act({ kind, n, m, isOdd }: UserAct): void {
    this.#acts++
    try {
      this.#act(kind, n, m, isOdd)
    } catch (error) {
      this.#deserves(error, kind)
    }
    this.checkBooks()
  }

  checkBooks(): void {
    const { accepted, completed, failed, cancelled, pending, queued, running, ready } = this.processor.stats
    const isRight = completed + failed + cancelled + pending === accepted
    const isSane = Math.min(pending, queued, running, ready) >= 0 && ready <= pending
    this.#expect(isRight && isSane, `books after ${this.#acts}: ${JSON.stringify(this.processor.stats)}`)
    this.#expect(!this.host.wasDoubled, 'frames run twice')
    this.#expect(pending === 0 || this.host.isStarted, 'no frames, and jobs pending')
  }

  /** Closes, and goes on until all is over: `step` has the workers do something. Returns what was wrong in all. */
  async end(step: () => Promise<void> | void, mayGoOn: (rounds: number) => boolean): Promise<readonly string[]> {
    for (const probe of this.#streams) this.#await(probe.read(), 'a stream')
    this.#await(this.processor.close(), 'close()')
    for (let rounds = 0; this.#open.size > 0 && mayGoOn(rounds); rounds++) {
      await turn()
      await step()
      await turn()
      this.host.run()
      this.checkBooks()
    }
    for (let turns = 3; turns > 0; turns--) await turn()
    for (const what of this.#open.values()) this.faults.push(`${what} has not settled`)
    for (const id of this.#ids.keys()) this.#expect(this.#told.get(id) === 1, `${id} told ${this.#told.get(id)} times`)
    for (const [id, times] of this.#told) this.#expect(times === 1, `${id} told ${times} times`)
    for (const id of this.#batches.keys()) this.faults.push(`batch ${id} has not ended`)
    for (const probe of this.#streams) this.faults.push(...probe.check())
    const { pending, queued, running, ready } = this.processor.stats
    this.#expect(pending + queued + running + ready === 0, `left: ${JSON.stringify(this.processor.stats)}`)
    this.#expect(!this.host.isStarted, 'frames go on with nothing due')
    return this.faults
  }

  #act(kind: UserAct['kind'], n: number, m: number, isOdd: boolean): void {
    const { processor } = this
    const id = n % 6
    const polygon = this.#shapes.polygonOf(id, isOdd && n > 20)
    const options = { priority: m % 11, ...(isOdd && m > 20 ? { signal: this.#control.signal } : {}) }
    const stream = this.#streams[n % Math.max(1, this.#streams.length)]
    if (kind === 'submit') this.#ids.set(processor.submitFracture(polygon, {}, options), id)
    else if (kind === 'fracture') this.#fracture(polygon, id, m, options)
    else if (kind === 'batch') this.#submitBatch(polygon, id, m, options)
    else if (kind === 'ahead' && this.#hasCache) this.#await(processor.prefracture(polygon, {}, options), 'prefracture')
    else if (kind === 'parallel') this.#await(processor.processBatchParallel([polygon, polygon]), 'parallel')
    else if (kind === 'cancel') processor.cancelJob(n)
    else if (kind === 'abort') this.#abort()
    else if (kind === 'meddle') this.#meddle(n, m)
    else if (kind === 'drain') this.#await(processor.drain(), 'drain()')
    else if (kind === 'open stream') this.#openStream(n, m, isOdd)
    else if (kind === 'push') stream?.push(m % 9 === 0 ? undefined : id, m % 9 === 0 ? BAD : polygon)
    else if (kind === 'read' && stream !== undefined) this.#await(stream.read(), 'a stream')
    else if (kind === 'room' && stream !== undefined) this.#await(stream.stream.whenRoom(), 'whenRoom()')
    else if (kind === 'end stream' && stream !== undefined) this.#endStream(stream, m)
    else if (kind === 'frame') this.host.run()
    else if (kind === 'close' && m > 24) this.#close(n)
  }

  #fracture(polygon: number[], id: number, m: number, options: object): void {
    const apply = () => {
      if (m % 5 === 1) throw mine()
      if (m % 5 === 2) this.processor.cancelJob(m)
    }
    const promise = this.processor.fracture(polygon, {}, m % 5 === 0 ? options : { ...options, apply })
    this.#await(
      promise.then((result) => this.#expect(this.#shapes.idOf(result) === id, `a fracture is another's`)),
      'fracture',
    )
  }

  #submitBatch(polygon: number[], id: number, m: number, options: object): void {
    const polygons = m % 3 === 0 ? [polygon, BAD] : m % 3 === 1 ? [polygon, polygon, polygon] : []
    const batchId = this.processor.submitBatch(polygons, {}, options)
    this.#batches.set(batchId, polygons.length)
    if (polygons.length > 0) this.#ids.set(batchId + 1, id)
  }

  #openStream(n: number, m: number, isOdd: boolean): void {
    const stream = this.processor.createStream({
      maxItems: 1 + (n % 12),
      priority: m % 11,
      ...(m > 20 ? { signal: this.#control.signal } : {}),
      ...(isOdd ? { onError: (_: unknown, index: number) => probe.failed(index) } : {}),
    })
    const probe: StreamProbe = new StreamProbe(stream, this.#shapes.idOf, n % 3 === 0)
    this.#streams.push(probe)
    if (n % 2 === 0) stream.start()
  }

  #endStream(probe: StreamProbe, m: number): void {
    if (m % 2 === 0) probe.stream.close()
    else {
      probe.isGivenUp = true
      if (m % 3 === 0) probe.stream.cancel(m % 5 === 0 ? gone() : undefined)
      else void probe.stream[Symbol.asyncIterator]().return?.()
    }
  }

  /** A listener that does as it likes, once. */
  #meddle(n: number, m: number): void {
    const { jobCompleted, jobFailed, jobCancelled, batchCompleted, jobProgress } = this.processor
    const signal = [jobCompleted, jobFailed, jobCancelled, batchCompleted, jobProgress][n % 5]!
    const heard = signal.subscribe(() => {
      heard.unsubscribe()
      if (m % 8 === 0) throw mine()
      if (m % 8 === 1) this.act({ kind: 'frame', n, m, isOdd: false })
      else this.act({ kind: userActs[m % userActs.length]!, n, m: (7 * m) % 31, isOdd: n % 2 === 0 })
    })
  }

  #abort(): void {
    const control = this.#control
    this.#control = new AbortController()
    control.abort(gone())
  }

  #close(n: number): void {
    const isHurried = n % 2 === 0
    this.#isHurried ||= isHurried
    this.#await(this.processor.close(isHurried ? { withinMs: n } : {}), 'close()')
  }

  #await(promise: Promise<unknown>, what: string): void {
    this.#open.set(promise, what)
    promise.catch((error) => this.#deserves(error, what)).finally(() => this.#open.delete(promise))
  }

  #hear(jobId: JobId): void {
    this.#expect(this.host.inFrame || this.#isHurried, `${jobId} was told outside of frames`)
    this.#told.set(jobId, (this.#told.get(jobId) ?? 0) + 1)
  }

  #deserves(error: unknown, what: string): void {
    this.#expect(DESERVED.test(codeOf(error)) || isMood(error), `${what}: ${error}`)
  }

  #expect(isRight: boolean, fault: string): void {
    if (!isRight) this.faults.push(fault)
  }
}
