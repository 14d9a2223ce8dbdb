import type { BatchStatistics, EngineHealth, RepositoryProcessingResult } from '@millrace/files'

/** A job in the middle of its work. */
export const statistics: BatchStatistics = {
  jobId: '7',
  phase: 'processing',
  found: 25_431,
  excluded: 497,
  delivered: 14_570,
  reused: 0,
  quarantined: 3,
  starts: 1,
  paused: null,
  bytes: 151_000_000,
  seconds: 7.12,
  filesPerSecond: 2050.3,
  megabytesPerSecond: 21.34,
  etaSeconds: 5.1,
  workers: 2,
  workersBusy: 2,
  concurrency: 2,
  batchesDone: 43,
  batchesPlanned: 81,
  retries: 0,
  workersReplaced: 0,
  rssMb: 512,
  peakRssMb: 612,
  utilisation: 0.97,
  perWorker: [
    { worker: 0, pid: 4711, busy: true, files: 7_400, utilisation: 0.98, rssMb: 201, cpuMs: 6_900 },
    { worker: 1, pid: 4712, busy: false, files: 7_173, utilisation: 0.96, rssMb: 198.4, cpuMs: 6_710 },
  ],
  fileMs: { p50: 0.4, p95: 2, p99: 9, max: 812 },
}

/** How that job is. */
export const health: EngineHealth = {
  status: 'ok',
  reasons: [],
  jobId: '7',
  phase: 'processing',
  secondsSinceProgress: 0.2,
  breaker: 'closed',
  workers: 2,
  workersBusy: 2,
  workersReplaced: 0,
  concurrency: 2,
  rssMb: 512,
  memoryLimitMb: 1024,
}

/** A job that is done, with something of everything in it. */
export const result: RepositoryProcessingResult = {
  jobId: '7',
  root: '/work/tree',
  starts: 1,
  reused: 0,
  removed: 0,
  books: { discovered: 25_940, delivered: 25_431, quarantined: 12, excluded: 497 },
  balanced: true,
  interrupted: false,
  seconds: 12.4138,
  filesPerSecond: 2048.61,
  peakRssMb: 612.34,
  out: '/work/millrace-results.jsonl',
  slowest: [
    { path: 'typescript/lib/typescript.js', ms: 812, size: 9_100_000 },
    { path: `${'deep/'.repeat(20)}index.js`, ms: 81.2, size: 4_100 },
  ],
  highlights: [{ list: 'complexity', label: 'checkExpression (typescript/lib/typescript.js:4711)', value: 1204 }],
  quarantined: Array.from({ length: 12 }, (_, index) => ({
    fileId: index,
    size: 4_100,
    path: `package-${index}/broken.js`,
    code: 'FILE_NOT_UTF8',
    message: `package-${index}/broken.js is not UTF-8: byte 0x92 at offset 11 begins no character. Convert it.`,
    attempts: 1,
    evidence: '{}',
  })),
  exclusions: { 'no-processor': 300, hidden: 120, symlink: 77 },
  problems: [{ path: 'secret', code: 'EACCES', message: 'permission denied' }],
  statistics,
}
