import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BatchConfig } from '../src/engine/config.ts'
import type { EngineEvent } from '../src/engine/events.ts'
import { BatchProcessingEngine } from '../src/files.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { BatchPriority } from '../src/plan/priority.ts'
import { temporaryFolder, writeTree } from './tree.ts'

/** A processor that notes each file it processes, and refuses those whose text says so. */
const notingProcessor = (log: string, version: string) => `
  import { appendFileSync } from 'node:fs'
  export default {
    name: 'noting',
    version: '${version}',
    match: ({ path }) => path.endsWith('.js'),
    process(input) {
      appendFileSync(${JSON.stringify(log)}, input.file.path + '\\n')
      return this.record(input.text())
    },
    record(text) {
      if (text.includes('refuse')) throw new Error('refused')
      return { length: text.length, version: '${version}' }
    },
  }
`

/** A tree, a state folder, and engines over them; what was processed is noted. */
function setUp() {
  const folder = temporaryFolder()
  const root = join(folder, 'tree')
  mkdirSync(root)
  const log = join(folder, 'processed')
  const out = join(folder, 'out.jsonl')
  const stateDir = join(folder, 'state')
  /** Written once: a worker of an earlier engine may be importing it. */
  const moduleOf = (version: string) => {
    const module = join(folder, `noting-${version}.mjs`)
    if (!existsSync(module)) writeFileSync(module, notingProcessor(log, version))
    return module
  }
  const events: EngineEvent[] = []
  const engineOf = (config: BatchConfig = {}, version = '1') => {
    const processors = [moduleOf(version)]
    const engine = new BatchProcessingEngine({ out, stateDir, workerCount: 1, processors, ...config })
    engine.events.subscribe((event) => void events.push(event))
    return engine
  }
  /** The paths processed since the last look, sorted. */
  const processed = () => {
    const text = (() => {
      try {
        return readFileSync(log, 'utf8')
      } catch {
        return ''
      }
    })()
    rmSync(log, { force: true })
    return text.split('\n').slice(0, -1).sort()
  }
  const paths = () => records(out).map(({ path }) => path)
  return { folder, root, out, stateDir, engineOf, processed, paths, events }
}

const records = (out: string) =>
  readFileSync(out, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { path: string; length: number; version: string })

/** Makes a file as old as it has to be for its times to be trusted. */
function age(root: string, ...paths: readonly string[]): void {
  const old = new Date(Date.now() - 60_000)
  for (const path of paths) utimesSync(join(root, path), old, old)
}

const tree = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index % 5}/f${index}.js`, `let x = ${index}\n`]))

describe('never twice the same work', () => {
  test('a run over an unchanged tree processes nothing, and its output is the same', async () => {
    const { root, out, engineOf, processed, events } = setUp()
    writeTree(root, tree(60))
    const first = await engineOf().processRepository(root)
    expect(first).toMatchObject({ reused: 0, starts: 1, removed: 0 })
    expect(processed()).toHaveLength(60)
    const bytes = readFileSync(out)
    const second = await engineOf().processRepository(root)
    expect(processed()).toEqual([])
    expect(second).toMatchObject({ reused: 60, balanced: true, books: first.books, out })
    expect(second.statistics).toMatchObject({ delivered: 60, reused: 60 })
    expect(readFileSync(out)).toEqual(bytes)
    // Files that were young when they were read are read once more; after that their times are trusted.
    for (let runs = 0; runs < 20; runs++) {
      events.length = 0
      await engineOf().processRepository(root)
      if (!events.some(({ type }) => type === 'batch-started')) break
    }
    expect(events.map(({ type }) => type)).not.toContain('batch-started')
    expect(events.map(({ type }) => type)).toContain('export-skipped')
    expect(readFileSync(out)).toEqual(bytes)
    expect(processed()).toEqual([])
  })

  test('an output that was touched or taken away is written again', async () => {
    const { root, out, engineOf } = setUp()
    writeTree(root, tree(5))
    await engineOf().processRepository(root)
    const bytes = readFileSync(out)
    writeFileSync(out, 'something else')
    await engineOf().processRepository(root)
    expect(readFileSync(out)).toEqual(bytes)
    rmSync(out)
    await engineOf().processRepository(root)
    expect(readFileSync(out)).toEqual(bytes)
  })

  test('what was added, edited, deleted and renamed is treated right, and nothing else is processed', async () => {
    const { root, engineOf, processed, paths } = setUp()
    writeTree(root, tree(30))
    await engineOf().processRepository(root)
    processed()
    writeTree(root, { 'd0/new.js': 'new', 'd1/f1.js': 'edited', '!first.js': 'a' })
    rmSync(join(root, 'd2/f2.js'))
    renameSync(join(root, 'd3/f3.js'), join(root, 'd3/renamed.js'))
    rmSync(join(root, 'd4'), { recursive: true })
    writeTree(root, { 'd4.js': 'where a folder was' })
    const result = await engineOf().processRepository(root)
    expect(processed()).toEqual(['!first.js', 'd0/new.js', 'd1/f1.js', 'd3/renamed.js', 'd4.js'])
    expect(result).toMatchObject({ balanced: true, removed: 8, reused: 21 })
    expect(result.books.delivered).toBe(26)
    const known = Object.keys(tree(30)).filter(
      (path) => !path.startsWith('d4/') && path !== 'd2/f2.js' && path !== 'd3/f3.js',
    )
    expect(paths()).toEqual([...known, '!first.js', 'd0/new.js', 'd3/renamed.js', 'd4.js'].sort())
  })

  test('a file edited without a change of size and time is found by its ctime', async () => {
    const { root, out, engineOf, processed } = setUp()
    writeTree(root, { 'a.js': '11' })
    age(root, 'a.js')
    await engineOf().processRepository(root)
    processed()
    const { atime, mtime } = statSync(join(root, 'a.js'))
    writeFileSync(join(root, 'a.js'), '22')
    utimesSync(join(root, 'a.js'), atime, mtime)
    await engineOf().processRepository(root)
    expect(processed()).toEqual(['a.js'])
    expect(records(out)).toMatchObject([{ path: 'a.js' }])
  })

  test('a file that was touched, not changed, is read but not processed', async () => {
    const { root, engineOf, processed, events } = setUp()
    writeTree(root, tree(10))
    await engineOf().processRepository(root)
    processed()
    age(root, 'd0/f0.js', 'd1/f1.js')
    const result = await engineOf().processRepository(root)
    expect(processed()).toEqual([])
    expect(result).toMatchObject({ reused: 10, balanced: true })
    const confirmed = events.flatMap((event) => (event.type === 'file-confirmed' ? [event.path] : []))
    expect(confirmed).toEqual(expect.arrayContaining(['d0/f0.js', 'd1/f1.js']))
  })

  test('a new version of the processor makes every result stale', async () => {
    const { root, out, engineOf, processed } = setUp()
    writeTree(root, tree(10))
    await engineOf().processRepository(root)
    processed()
    await engineOf({}, '2').processRepository(root)
    expect(processed()).toHaveLength(10)
    expect(records(out).every(({ version }) => version === '2')).toBe(true)
  })

  test.each([
    ['hash', 0],
    ['none', 10],
  ] as const)('reuse: %s processes %i of ten unchanged files', async (reuse, count) => {
    const { root, engineOf, processed } = setUp()
    writeTree(root, tree(10))
    await engineOf().processRepository(root)
    processed()
    const result = await engineOf({ reuse }).processRepository(root)
    expect(processed()).toHaveLength(count)
    expect(result).toMatchObject({ reused: 10 - count, balanced: true })
    expect(result.books.delivered).toBe(10)
  })

  test('files that are read again and found as they were are no reason to write the output again', async () => {
    const { root, out, engineOf, processed, events } = setUp()
    const files = tree(40)
    writeTree(root, files)
    age(root, ...Object.keys(files))
    await engineOf().processRepository(root)
    const { mtimeNs } = statSync(out, { bigint: true })
    for (const reuse of ['hash', 'stamp', 'hash'] as const) {
      events.length = 0
      const result = await engineOf({ reuse }).processRepository(root)
      expect(result).toMatchObject({ reused: 40, balanced: true, books: { delivered: 40 } })
      const types = events.map(({ type }) => type)
      expect(types).toContain('export-skipped')
      if (reuse === 'hash') expect(types.filter((type) => type === 'file-confirmed')).toHaveLength(40)
    }
    expect(statSync(out, { bigint: true }).mtimeNs).toBe(mtimeNs)
    expect(processed()).toHaveLength(40)
    // And one that finds something does.
    writeTree(root, { 'd0/f0.js': 'edited' })
    await engineOf({ reuse: 'hash' }).processRepository(root)
    expect(records(out)[0]).toMatchObject({ path: 'd0/f0.js', length: 6 })
  })

  test('reuse: hash finds a change that no stamp tells of', async () => {
    const { root, out, stateDir, engineOf, processed } = setUp()
    writeTree(root, { 'a.js': '11', 'b.js': '22' })
    await engineOf().processRepository(root)
    processed()
    // A disk that lost bits: the contents differ from what was hashed, the times do not.
    await using ledger = await openLedger(stateDir)
    await ledger.close()
    writeFileSync(join(root, 'a.js'), '333')
    await engineOf({ reuse: 'hash' }).processRepository(root)
    expect(processed()).toEqual(['a.js'])
    expect(records(out).map(({ length }) => length)).toEqual([3, 2])
  })
})

describe('resumeFailedBatchJob', () => {
  test('an interrupted job goes on where it was, under its own id', async () => {
    const { root, engineOf, processed, paths, stateDir } = setUp()
    writeTree(root, tree(200))
    const engine = engineOf({ batchSize: 5 })
    const stop = new AbortController()
    engine.events.subscribe(({ type }) => type === 'batch-committed' && stop.abort())
    const first = await engine.processRepository(root, {}, { signal: stop.signal })
    expect(first.interrupted).toBe(true)
    const done = processed().length
    expect(done).toBeLessThan(200)
    const second = await new BatchProcessingEngine({ stateDir }).resumeFailedBatchJob()
    expect(second).toMatchObject({ jobId: first.jobId, starts: 2, balanced: true, interrupted: false })
    expect(second.books).toEqual({ discovered: 200, delivered: 200, quarantined: 0, excluded: 0 })
    expect(processed()).toHaveLength(200 - done)
    expect(paths()).toEqual(Object.keys(tree(200)).sort())
    await using ledger = await openLedger(stateDir, { readonly: true })
    const batches = await ledger.batches(first.jobId)
    expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(batches.length)
    expect(await ledger.job(first.jobId)).toMatchObject({ state: 'done', starts: 2 })
  })

  test('an interrupted verification goes on where it was, and its results stand meanwhile', async () => {
    const { root, engineOf, processed, events, stateDir } = setUp()
    writeTree(root, tree(200))
    await engineOf().processRepository(root)
    processed()
    const confirmed = () => events.flatMap((event) => (event.type === 'file-confirmed' ? [event.path] : []))
    events.length = 0
    const engine = engineOf({ reuse: 'hash', batchSize: 5 })
    const stop = new AbortController()
    engine.events.subscribe(({ type }) => type === 'batch-committed' && stop.abort())
    const first = await engine.processRepository(root, {}, { signal: stop.signal })
    expect(first).toMatchObject({ interrupted: true, books: { discovered: 200 } })
    const done = confirmed()
    expect(done.length).toBeGreaterThan(0)
    expect(done.length).toBeLessThan(200)
    const resuming = new BatchProcessingEngine({ stateDir })
    resuming.events.subscribe((event) => void events.push(event))
    const second = await resuming.resumeFailedBatchJob()
    expect(second).toMatchObject({ jobId: first.jobId, starts: 2, balanced: true, reused: 200 })
    expect(second.books).toEqual({ discovered: 200, delivered: 200, quarantined: 0, excluded: 0 })
    // Those that were young when they were read may be read twice, for their times prove nothing. That the others are not is held by the
    // ledger's conformance suite, where files have what times they like.
    expect([...new Set(confirmed())].sort()).toEqual(Object.keys(tree(200)).sort())
    expect(processed()).toEqual([])
  })

  test('a checkpoint leads to the ledger, and is held against it', async () => {
    const { root, engineOf, stateDir } = setUp()
    writeTree(root, tree(100))
    const engine = engineOf({ batchSize: 5 })
    const stop = new AbortController()
    engine.events.subscribe(({ type }) => type === 'batch-committed' && stop.abort())
    await engine.processRepository(root, {}, { signal: stop.signal })
    const checkpoint = await engine.createCheckpoint()
    expect(checkpoint).toMatchObject({ root, stateDir, discoveryDone: true })
    expect(checkpoint.pending).toBe(100 - checkpoint.books.delivered)
    const newer = { ...checkpoint, revision: checkpoint.revision + 1 }
    await expect(new BatchProcessingEngine().resumeFailedBatchJob(undefined, newer)).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    })
    const result = await new BatchProcessingEngine().resumeFailedBatchJob(
      undefined,
      JSON.parse(JSON.stringify(checkpoint)) as typeof checkpoint,
    )
    expect(result).toMatchObject({ jobId: checkpoint.jobId, balanced: true })
    expect(result.books.delivered).toBe(100)
  })

  test('a checkpoint of a running job is durable, and tells of what has settled', async () => {
    const { root, engineOf } = setUp()
    writeTree(root, tree(100))
    const engine = engineOf({ batchSize: 5 })
    const asked: ReturnType<typeof engine.createCheckpoint>[] = []
    let committed = 0
    engine.events.subscribe((event) => {
      if (event.type !== 'batch-committed' || asked.length > 0) return
      committed = event.delivered
      asked.push(engine.createCheckpoint())
    })
    const { jobId } = await engine.processRepository(root)
    const checkpoint = await asked[0]!
    expect(checkpoint.jobId).toBe(jobId)
    expect(committed).toBeGreaterThan(0)
    expect(checkpoint.books.delivered).toBeGreaterThanOrEqual(committed)
  })

  test('a job that fails as soon as it is started says so, and is resumed by the same process', async () => {
    const { root, stateDir, out, engineOf } = setUp()
    writeTree(root, tree(10))
    let fails = true
    const failing = new BatchProcessingEngine(
      { stateDir, out, workerCount: 1 },
      {
        openLedger: async (dir) => {
          const ledger = await openLedger(dir)
          const recall = ledger.recall.bind(ledger)
          ledger.recall = (key) => (fails ? Promise.reject(new Error('the disk is gone')) : recall(key))
          return ledger
        },
      },
    )
    await expect(failing.processRepository(root)).rejects.toThrow('the disk is gone')
    await using ledger = await openLedger(stateDir, { readonly: true })
    expect(await ledger.job()).toMatchObject({ state: 'failed', reason: 'the disk is gone' })
    fails = false
    expect(await failing.resumeFailedBatchJob()).toMatchObject({ balanced: true, starts: 2 })
    expect((await engineOf().processRepository(root)).books.delivered).toBe(10)
  })

  test('the ways it cannot go are told apart', async () => {
    const { root, engineOf, stateDir } = setUp()
    writeTree(root, tree(3))
    const nowhere = new BatchProcessingEngine({ stateDir: join(stateDir, 'none') })
    await expect(nowhere.resumeFailedBatchJob()).rejects.toMatchObject({ code: 'LEDGER_MISSING' })
    const { jobId } = await engineOf().processRepository(root)
    const resume = (id?: string) => engineOf().resumeFailedBatchJob(id)
    await expect(resume()).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
    await expect(resume(jobId)).rejects.toMatchObject({ code: 'JOB_DONE' })
    await expect(resume('20200101-001')).rejects.toMatchObject({ code: 'JOB_UNKNOWN' })
  })
})

describe('quarantine', () => {
  test('a run tries its files again, a resumed job does not, and they can be taken out by name', async () => {
    const { root, engineOf, processed, paths, events } = setUp()
    writeTree(root, { ...tree(5), 'x.js': 'refuse', 'y.js': 'refuse' })
    const first = await engineOf().processRepository(root)
    expect(first.books).toMatchObject({ delivered: 5, quarantined: 2 })
    processed()
    await engineOf().processRepository(root)
    expect(processed()).toEqual(['x.js', 'y.js'])
    const unknown = engineOf().resumeFailedBatchJob(undefined, undefined, { retryQuarantined: ['nobody.js'] })
    await expect(unknown).rejects.toMatchObject({ code: 'QUARANTINE_UNKNOWN' })
    const again = await engineOf().resumeFailedBatchJob(undefined, undefined, { retryQuarantined: ['x.js'] })
    expect(processed()).toEqual(['x.js'])
    expect(again.books).toMatchObject({ delivered: 5, quarantined: 2 })
    writeTree(root, { 'y.js': 'better' })
    await engineOf().processRepository(root)
    expect(paths()).toContain('y.js')
    expect(events.some(({ type }) => type === 'job-finished')).toBe(true)
  })

  test('files of a running job come out of it and get another chance', async () => {
    const { root, engineOf } = setUp()
    writeTree(root, { ...tree(200), 'd0/aa.js': 'refuse' })
    const engine = engineOf({
      batchSize: 5,
      workerCount: 1,
      priority: [{ priority: BatchPriority.CRITICAL, glob: 'aa.js' }],
    })
    const retried: Promise<number>[] = []
    engine.events.subscribe((event) => {
      if (event.type !== 'file-quarantined' || retried.length > 0) return
      writeFileSync(join(root, 'd0/aa.js'), 'fine now')
      retried.push(engine.retryQuarantined(['d0/aa.js']))
    })
    const result = await engine.processRepository(root)
    expect(await retried[0]).toBe(1)
    expect(result.books).toEqual({ discovered: 201, delivered: 201, quarantined: 0, excluded: 0 })
  })
})

describe('one owner', () => {
  test('a second engine is refused while the first works, naming it', async () => {
    const { root, engineOf } = setUp()
    writeTree(root, tree(50))
    const first = engineOf({ batchSize: 5 })
    const refused: Promise<unknown>[] = []
    first.events.subscribe(({ type }) => {
      if (type !== 'job-started') return
      first.pause()
      const second = engineOf().processRepository(root)
      refused.push(second.catch((error: unknown) => error).finally(() => first.continue()))
    })
    const result = await first.processRepository(root)
    expect(await refused[0]).toMatchObject({
      code: 'LEDGER_OWNED',
      detail: { jobId: result.jobId, pid: process.pid },
      message: expect.stringContaining(result.jobId),
    })
  })

  test('jobs that wait go by priority, then by age', async () => {
    const { root, engineOf } = setUp()
    writeTree(root, tree(20))
    const first = engineOf()
    const waiting: Promise<{ jobId: string }>[] = []
    const order: number[] = []
    // A job that waits tells so again whenever others come before it.
    const inLine = new Set<number>()
    let arrived = () => {}
    const allInLine = new Promise<void>((resolve) => (arrived = resolve))
    first.events.subscribe((event) => {
      if (event.type !== 'job-started') return
      for (const [place, queue] of [BatchPriority.LOW, BatchPriority.MEDIUM, BatchPriority.HIGH].entries()) {
        const engine = engineOf()
        engine.events.subscribe(({ type }) => {
          if (type === 'job-queued' && inLine.add(place).size === 3) arrived()
          if (type === 'job-started') order.push(place)
        })
        waiting.push(engine.processRepository(root, {}, { queue }))
      }
      first.pause()
    })
    const run = first.processRepository(root)
    await allInLine
    expect(first.health()).toMatchObject({ status: 'paused' })
    first.continue()
    await run
    await Promise.all(waiting)
    expect(order).toEqual([2, 1, 0])
  })

  test('one that is ended while it waits is over, with nothing done', async () => {
    const { root, engineOf } = setUp()
    writeTree(root, tree(20))
    const first = engineOf()
    const second = engineOf()
    const stop = new AbortController()
    const waiting: Promise<unknown>[] = []
    first.events.subscribe(({ type }) => {
      if (type !== 'job-started') return
      first.pause()
      waiting.push(second.processRepository(root, {}, { queue: BatchPriority.LOW, signal: stop.signal }))
    })
    second.events.subscribe(({ type }) => {
      if (type !== 'job-queued') return
      expect(second.getProcessingStatistics().phase).toBe('queued')
      stop.abort()
      first.continue()
    })
    await first.processRepository(root)
    expect(await waiting[0]).toMatchObject({ interrupted: true, starts: 0, books: { discovered: 0 } })
  })
})
