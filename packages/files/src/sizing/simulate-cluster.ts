import { Histogram } from '@millrace/kernel/observe/histogram'
import { normalFrom, seededRandom } from '@millrace/kernel/seeded-random'
import type { ClusterForecast, ClusterPlanOptions } from './cluster-forecast.ts'
import { EventHeap } from './event-heap.ts'

/** Batches of a run that is simulated one to one; of a larger one, several are taken for one. */
const MOST_BATCHES = 50_000

/** What happens to a worker, in this order for each of its batches. */
const ASKS = 0
const IS_HALF_DONE = 1
const IS_DONE = 2

interface SimulatedWorker {
  /** Files of the batch in hand, the batches that it stands for, and the time it takes. */
  size: number
  together: number
  batchMs: number
  startAt: number
  /** When the last batch is durable, and the one before that: a worker begins none while two are not. */
  durableAt: number
  durableBeforeAt: number
}

/**
 * One run with so many workers, from the first file published to the last result exported.
 *
 * A queueing network: the coordinator publishes at its rate, a worker takes a batch, hands in a checkpoint half way and one at the end, and
 * PostgreSQL's cores work on these first come, first served. A batch's time is normal about the sum of its files', for there are many. Batches shrink towards the
 * end as the engine's do (Hummel, Schonberg, Flynn: Factoring, CACM 35(8), 1992).
 */
export function simulateCluster(
  options: Required<ClusterPlanOptions>,
  workerCount: number,
): Omit<ClusterForecast, 'speedUp' | 'bottleneck'> {
  const { files, batchSize, msPerFile, spread, handOutMs, commitMs, commitMsPerFile } = options
  const { postgresCores, publishMsPerFile, exportMsPerFile } = options
  const normal = normalFrom(seededRandom(options.seed))
  const lump = Math.max(1, Math.ceil(files / batchSize / MOST_BATCHES))
  const workers = Array.from(
    { length: workerCount },
    (): SimulatedWorker => ({ size: 0, together: 1, batchMs: 0, startAt: 0, durableAt: 0, durableBeforeAt: 0 }),
  )
  const events = new EventHeap(2 * workerCount)
  for (let worker = 0; worker < workerCount; worker++) events.push(options.startMs, 3 * worker + ASKS)
  const cores = new EventHeap(postgresCores)
  for (let core = 0; core < postgresCores; core++) cores.push(0, core)
  const commits = new Histogram()

  let published = 0
  let batches = 0
  let workMs = 0
  let postgresMs = 0
  let endMs = 0

  /** Gives when what is handed in now is durable. */
  const commit = (now: number, rows: number, together: number): number => {
    const oneMs = commitMs + commitMsPerFile * rows
    const { time, item: core } = cores.pop()
    const doneAt = Math.max(now, time) + together * oneMs
    cores.push(doneAt, core)
    postgresMs += together * oneMs
    // What stands for several waits for the others it stands for, too; that is not its wait.
    commits.record(doneAt - now - (together - 1) * oneMs)
    return doneAt
  }

  while (events.size > 0) {
    const { time: now, item } = events.pop()
    const number = Math.floor(item / 3)
    const worker = workers[number]!
    switch (item % 3) {
      case ASKS: {
        const left = files - published
        if (left === 0) break
        worker.size = Math.min(left, batchSize, Math.max(1, Math.ceil(left / (2 * workerCount))))
        // Near the end every batch is one: that is where workers wait for one another.
        const isFarFromEnd = worker.size === batchSize && left > 4 * workerCount * batchSize * lump
        worker.together = isFarFromEnd ? lump : 1
        published += worker.size * worker.together
        batches += worker.together
        worker.startAt = Math.max(
          now + handOutMs,
          options.startMs + published * publishMsPerFile,
          worker.durableBeforeAt,
        )
        const filesMs = worker.size * msPerFile + normal() * msPerFile * spread * Math.sqrt(worker.size)
        worker.batchMs = worker.together * Math.max(0, filesMs) + (worker.together - 1) * handOutMs
        workMs += worker.together * Math.max(0, filesMs)
        events.push(worker.startAt + worker.batchMs / 2, 3 * number + IS_HALF_DONE)
        break
      }
      case IS_HALF_DONE:
        endMs = Math.max(endMs, commit(now, Math.ceil(worker.size / 2), worker.together))
        events.push(worker.startAt + worker.batchMs, 3 * number + IS_DONE)
        break
      case IS_DONE:
        worker.durableBeforeAt = worker.durableAt
        worker.durableAt = commit(now, Math.floor(worker.size / 2), worker.together)
        endMs = Math.max(endMs, worker.durableAt)
        events.push(now, 3 * number + ASKS)
        break
    }
  }

  const makespanMs = endMs + files * exportMsPerFile
  const share = (part: number, whole: number) => (whole === 0 ? 0 : Math.min(1, part / whole))
  return {
    workers: workerCount,
    makespanSeconds: makespanMs / 1000,
    filesPerSecond: files / (makespanMs / 1000),
    efficiency: share(workMs, workerCount * endMs),
    postgresLoad: share(postgresMs, postgresCores * endMs),
    coordinatorLoad: share(files * publishMsPerFile, endMs),
    commitP99Ms: commits.percentile(99),
    batches,
  }
}
