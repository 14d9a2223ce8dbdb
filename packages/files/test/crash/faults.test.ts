import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '@millrace/kernel'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BatchConfig } from '../../src/engine/config.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import type { RepositoryProcessingResult } from '../../src/engine/result.ts'
import { BatchProcessingEngine, type EnginePorts } from '../../src/files.ts'
import { temporaryFolder } from '../tree.ts'
import type { LedgerCall } from './around-ledger.ts'
import {
  countingLedger,
  FSYNC,
  FULL,
  faultyFork,
  faultyLedger,
  faultySink,
  hurriedClock,
  jumpingClock,
} from './faulty-ports.ts'
import { plantTree } from './seeded-tree.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const TALLY = fileURLToPath(new URL('./processors/tally.ts', import.meta.url))
const CONFIG: BatchConfig = {
  workerCount: 1,
  batchSize: 10,
  processors: [TALLY],
  maxPauseSeconds: 1,
  timeoutSeconds: 300,
}
/** Waits until the fault is lifted, however slow the machine is. */
const PATIENT: BatchConfig = { maxPauseSeconds: 300 }
const FOR_EVER = Number.POSITIVE_INFINITY
const BOUND_MS = 240_000
const SPEED = 5

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-faults-')))
const root = join(folder, 'tree')
const counts = new Map<LedgerCall, number>()
let expected: string

/** An engine over a state folder and an output of its own, and what it told. */
function setUp(place = temporaryFolder()) {
  const out = join(place, 'out.jsonl')
  const events: EngineEvent[] = []
  const engineWith = (ports: EnginePorts, more: BatchConfig = {}) => {
    const engine = new BatchProcessingEngine({ ...CONFIG, stateDir: join(place, 'state'), out, ...more }, ports)
    engine.events.subscribe((event) => void events.push(event))
    return engine
  }
  return { engineWith, events, output: () => readFileSync(out, 'utf8') }
}

/** The job goes on where it was, or is started where it never was. */
async function finished(engine: BatchProcessingEngine): Promise<RepositoryProcessingResult> {
  try {
    return await engine.resumeFailedBatchJob()
  } catch (error) {
    if (error instanceof MillraceError && ['NOTHING_TO_RESUME', 'LEDGER_MISSING'].includes(error.code)) {
      return engine.processRepository(root)
    }
    throw error
  }
}

beforeAll(async () => {
  plantTree(root, { seed: 8, files: 80, broken: 1 })
  const { engineWith, output } = setUp(folder)
  await engineWith({ openLedger: countingLedger(counts) }).processRepository(root)
  expected = output()
}, BOUND_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** All kinds of calls that a job makes, but the one that ends them. */
const KINDS: readonly LedgerCall[] = [
  'tryOwn',
  'enqueueJob',
  'startJob',
  'recall',
  'meetFiles',
  'endDiscovery',
  'commit',
  'remember',
  'books',
  'revision',
  'results',
  'quarantine',
  'exclusions',
  'slowest',
  'highlights',
  'finishJob',
]

/** One for each stage of a job: what comes before the work, the work, what is read for the export, and the end. */
const STAGES: readonly LedgerCall[] = ['enqueueJob', 'startJob', 'meetFiles', 'commit', 'results', 'finishJob']

it('the kinds of calls below are those that a job makes', () => {
  const made = [...counts.keys()].filter((call) => call !== 'close')
  expect(made.toSorted()).toEqual(KINDS.toSorted())
})

describe('a disk that is full at one kind of call', { timeout: BOUND_MS }, () => {
  it.each(slow ? KINDS : STAGES)('%s: the job ends in good order, and a resume brings it to its end', async (call) => {
    const { engineWith, output } = setUp()
    const n = Math.ceil(counts.get(call)! / 2)
    const openLedger = faultyLedger(call, { n, times: FOR_EVER }, FULL)
    const clock = hurriedClock(SPEED)
    await expect(engineWith({ openLedger, clock }).processRepository(root)).rejects.toMatchObject({
      code: 'LEDGER_WRITE_FAILED',
    })
    const result = await finished(engineWith({}))
    expect(result.balanced).toBe(true)
    expect(output()).toBe(expected)
  })

  it.each(slow ? [1, 2, 3] : [2])('commit %i: the job pauses, says why, and goes on when there is room', async (n) => {
    const { engineWith, events, output } = setUp()
    const openLedger = faultyLedger('commit', { n, times: 2 }, FULL)
    const result = await engineWith({ openLedger, clock: hurriedClock(SPEED) }, PATIENT).processRepository(root)
    expect(result.balanced).toBe(true)
    expect(output()).toBe(expected)
    const pauses = events.filter(({ type }) => type === 'paused' || type === 'continued')
    expect(pauses).toMatchObject([
      { type: 'paused', by: 'resource' },
      { type: 'continued', by: 'resource' },
    ])
  })

  it('a sync that failed is final at once, and the job can be resumed', async () => {
    const { engineWith, events, output } = setUp()
    const openLedger = faultyLedger('commit', { n: 2, times: 1 }, FSYNC)
    await expect(engineWith({ openLedger }).processRepository(root)).rejects.toMatchObject({
      code: 'LEDGER_WRITE_FAILED',
    })
    expect(events.some(({ type }) => type === 'paused')).toBe(false)
    const result = await finished(engineWith({}))
    expect(result.balanced).toBe(true)
    expect(output()).toBe(expected)
  })
})

describe('a system that starts no process', { timeout: BOUND_MS }, () => {
  it.each(slow ? (['EMFILE', 'EAGAIN', 'ENOMEM'] as const) : (['EAGAIN'] as const))(
    '%s: the job goes on when it does again',
    async (code) => {
      const { engineWith, output } = setUp()
      const fork = faultyFork(code, { n: 1, times: 2 })
      const result = await engineWith({ fork, clock: hurriedClock(SPEED) }, PATIENT).processRepository(root)
      expect(result).toMatchObject({ balanced: true, books: { quarantined: 1 } })
      expect(output()).toBe(expected)
    },
  )

  it('for ever: the job fails within its longest pause, and a resume brings it to its end', async () => {
    const { engineWith, output } = setUp()
    const fork = faultyFork('EMFILE', { n: 1, times: FOR_EVER })
    await expect(engineWith({ fork, clock: hurriedClock(SPEED) }).processRepository(root)).rejects.toMatchObject({
      code: 'WORKER_START_FAILED',
      detail: { code: 'EMFILE' },
    })
    const result = await finished(engineWith({}))
    expect(result.balanced).toBe(true)
    expect(output()).toBe(expected)
  })
})

describe('a wall clock that jumps by a year', { timeout: BOUND_MS }, () => {
  it('loses nothing, and no figure shows it', async () => {
    const { engineWith, events, output } = setUp()
    const engine = engineWith({ clock: jumpingClock() })
    const result = await engine.processRepository(root)
    expect(result.balanced).toBe(true)
    expect(output()).toBe(expected)
    const { seconds, filesPerSecond, statistics } = result
    const figures = [seconds, statistics.seconds, statistics.etaSeconds ?? 0, statistics.fileMs.max / 1000]
    for (const figure of [...figures, ...events.flatMap((event) => ('ms' in event ? [event.ms / 1000] : []))]) {
      expect(figure).toBeGreaterThanOrEqual(0)
      expect(figure).toBeLessThan(60)
    }
    expect(filesPerSecond).toBeGreaterThan(0)
    expect(engine.health()).toMatchObject({ secondsSinceProgress: expect.toSatisfy((value: number) => value < 60) })

    const again = await engineWith({}).processRepository(root)
    expect(again.books).toEqual(result.books)
  })
})

describe('a full disk under the export', { timeout: BOUND_MS }, () => {
  it.each(slow ? (['writeFile', 'sync', 'rename'] as const) : (['sync'] as const))(
    '%s: nothing is at the target, the ledger has it all, and a resume exports it',
    async (step) => {
      const { engineWith, events, output } = setUp()
      const sink = faultySink(step)
      await expect(engineWith({}, { sink }).processRepository(root)).rejects.toMatchObject({ code: 'OUT_WRITE_FAILED' })
      expect(output).toThrow('ENOENT')
      events.length = 0
      const result = await engineWith({}, { sink: 'jsonl' }).resumeFailedBatchJob()
      expect(result.balanced).toBe(true)
      expect(output()).toBe(expected)
      expect(events.filter(({ type }) => type === 'file-delivered')).toEqual([])
    },
  )
})
