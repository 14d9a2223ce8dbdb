import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import type { Bottleneck, ClusterForecast, ClusterPlanOptions } from './cluster-forecast.ts'
import { simulateCluster } from './simulate-cluster.ts'

export interface ClusterPlan {
  readonly options: Required<ClusterPlanOptions>
  /** With all workers. */
  readonly forecast: ClusterForecast
  /** With 1, 2, 4, 8 … workers, up to all of them. */
  readonly steps: readonly ClusterForecast[]
  /** Workers beyond which another one is of no use: PostgreSQL, or the coordinator, has no more to give. */
  readonly usefulWorkers: number
}

const DEFAULTS = {
  msPerFile: 1,
  spread: 2,
  batchSize: 200,
  startMs: 1000,
  handOutMs: 5,
  commitMs: 2,
  commitMsPerFile: 0.05,
  postgresCores: 8,
  publishMsPerFile: 0.04,
  exportMsPerFile: 0.015,
  seed: 1,
} as const
/** Where one of the shared parts is this busy, it is what others wait for. */
const BUSY = 0.9

/**
 * How long a distributed job would take, and what it would wait for, by simulation of its batches: the coordinator publishes them, workers take, do and
 * commit them, half a batch a checkpoint, PostgreSQL works on so many checkpoints at a time. The same options give the same forecast.
 *
 * O(batches × log workers), for each number of workers; 50 million files with 200 workers take about a second. Large jobs are simulated by batches of
 * more files, so that there are no more than some hundred thousand.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function planCluster(options: ClusterPlanOptions): ClusterPlan {
  const checked = check(options)
  const alone = simulateCluster(checked, 1)
  const counts = [1]
  for (let workers = 2; workers < checked.workers; workers *= 2) counts.push(workers)
  if (checked.workers > 1) counts.push(checked.workers)
  const steps = counts.map((workers) => {
    const run = workers === 1 ? alone : simulateCluster(checked, workers)
    return { ...run, speedUp: alone.makespanSeconds / run.makespanSeconds, bottleneck: bottleneckOf(run) }
  })
  return { options: checked, forecast: steps.at(-1)!, steps, usefulWorkers: usefulWorkers(checked) }
}

type Run = Omit<ClusterForecast, 'speedUp' | 'bottleneck'>

function bottleneckOf({ efficiency, postgresLoad, coordinatorLoad }: Run): Bottleneck {
  if (postgresLoad >= BUSY && postgresLoad >= coordinatorLoad) return 'postgres'
  if (coordinatorLoad >= BUSY) return 'coordinator'
  return efficiency >= 0.75 ? 'workers' : 'end'
}

/** Where the workers' rate meets the lowest of those of the shared parts. */
function usefulWorkers({
  msPerFile,
  handOutMs,
  batchSize,
  commitMs,
  commitMsPerFile,
  postgresCores,
  publishMsPerFile,
}: Required<ClusterPlanOptions>): number {
  const worker = 1 / (msPerFile + handOutMs / batchSize)
  const postgres = postgresCores / (commitMsPerFile + (2 * commitMs) / batchSize)
  const coordinator = publishMsPerFile === 0 ? Number.POSITIVE_INFINITY : 1 / publishMsPerFile
  return Math.max(1, Math.ceil(Math.min(postgres, coordinator) / worker))
}

function check(options: ClusterPlanOptions): Required<ClusterPlanOptions> {
  for (const name of Object.keys(options)) {
    if (name === 'files' || name === 'workers' || Object.hasOwn(DEFAULTS, name)) continue
    throw new MillraceError(
      'OPTION_INVALID',
      `planCluster has no option "${name}". It has: files, workers, ${Object.keys(DEFAULTS).join(', ')}.`,
      { detail: { owner: 'planCluster', option: name } },
    )
  }
  const given = { ...DEFAULTS, ...options }
  const whole = (name: 'files' | 'workers' | 'batchSize' | 'postgresCores', max: number) =>
    checkInteger('planCluster', name, given[name], { min: 1, max })
  const ms = (
    name: 'startMs' | 'handOutMs' | 'commitMs' | 'commitMsPerFile' | 'publishMsPerFile' | 'exportMsPerFile',
  ) => checkNumber('planCluster', name, given[name], { min: 0, max: 3_600_000 })
  return {
    files: whole('files', 1e10),
    workers: whole('workers', 10_000),
    msPerFile: checkNumber('planCluster', 'msPerFile', given.msPerFile, { above: 0, max: 3_600_000 }),
    spread: checkNumber('planCluster', 'spread', given.spread, { min: 0, max: 100 }),
    batchSize: whole('batchSize', 5000),
    startMs: ms('startMs'),
    handOutMs: ms('handOutMs'),
    commitMs: ms('commitMs'),
    commitMsPerFile: ms('commitMsPerFile'),
    postgresCores: whole('postgresCores', 1024),
    publishMsPerFile: ms('publishMsPerFile'),
    exportMsPerFile: ms('exportMsPerFile'),
    seed: checkInteger('planCluster', 'seed', given.seed, { min: 0, max: 2 ** 31 }),
  }
}
