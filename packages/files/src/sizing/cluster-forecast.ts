/** What a distributed job is made of. What is left out is taken from measurements on a virtual machine with 2 cores. */
export interface ClusterPlanOptions {
  /** Files to be processed, 1 to 10¹⁰. */
  readonly files: number
  /** Worker processes on all machines together, 1 to 10,000. */
  readonly workers: number
  /** Time of a worker for a file, read, processed and reported, milliseconds. @default 1 */
  readonly msPerFile?: number
  /** How unequal files are: standard deviation of that time as a share of it, 0 to 100. @default 2 */
  readonly spread?: number
  /** Most files in a batch, 1 to 5000. @default 200 */
  readonly batchSize?: number
  /** Until the first files are published and a worker's process is ready, milliseconds. @default 1000 */
  readonly startMs?: number
  /** From a worker's question to a batch in its hand, milliseconds. @default 5 */
  readonly handOutMs?: number
  /** Time of PostgreSQL for a checkpoint, whatever is in it, milliseconds. @default 2 */
  readonly commitMs?: number
  /** Time of PostgreSQL for each file of a checkpoint, milliseconds. @default 0.05 */
  readonly commitMsPerFile?: number
  /** Checkpoints that PostgreSQL works on at a time: its cores, or what its disk bears, 1 to 1024. @default 8 */
  readonly postgresCores?: number
  /** Time of the coordinator for a file, found, hashed, entered and published, milliseconds. @default 0.04 */
  readonly publishMsPerFile?: number
  /** Time of the coordinator for a file's result at the end, milliseconds. @default 0.015 */
  readonly exportMsPerFile?: number
  /** Another seed, other files. @default 1 */
  readonly seed?: number
}

/** What bounds a job: its `workers`, `postgres`, the `coordinator`, or nothing but the `end`, when the last batches are uneven. */
export type Bottleneck = 'workers' | 'postgres' | 'coordinator' | 'end'

/** A job with so many workers, as it would go. */
export interface ClusterForecast {
  readonly workers: number
  /** From the start to the export, seconds. */
  readonly makespanSeconds: number
  readonly filesPerSecond: number
  /** How many times as fast as with one worker. */
  readonly speedUp: number
  /** Share of the workers' time spent on files, until the last one is done; 0 to 1. */
  readonly efficiency: number
  /** Share of PostgreSQL's cores that checkpoints take meanwhile, 0 to 1. */
  readonly postgresLoad: number
  /** Share of that time in which the coordinator publishes, 0 to 1. */
  readonly coordinatorLoad: number
  /** From a checkpoint's start to its end, 99th percentile, milliseconds. */
  readonly commitP99Ms: number
  readonly batches: number
  readonly bottleneck: Bottleneck
}
