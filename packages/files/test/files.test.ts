import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { BatchConfig } from '../src/engine/config.ts'
import type { EngineEvent } from '../src/engine/events.ts'
import { BatchProcessingEngine } from '../src/files.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { temporaryFolder, writeTree } from './tree.ts'

const BY_NAME = fileURLToPath(new URL('./fixtures/processors/by-name.ts', import.meta.url))

/** An engine over a fresh state folder and output. */
function setUp(config: BatchConfig = {}) {
  const folder = temporaryFolder()
  const root = join(folder, 'tree')
  mkdirSync(root)
  const out = join(folder, 'out.jsonl')
  const stateDir = join(folder, 'state')
  const engine = new BatchProcessingEngine({ out, stateDir, workerCount: 1, ...config })
  const events: EngineEvent[] = []
  engine.events.subscribe((event) => void events.push(event))
  return { engine, root, out, stateDir, events, folder }
}

/** Paths of all files below a folder, by a walk of its own. */
function walked(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

const records = (out: string) =>
  readFileSync(out, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { path: string; hash: string })

function sources(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `d${index % 7}/f${index}.${['js', 'ts', 'tsx', 'mjs'][index % 4]}`,
      `export const x${index} = ${index}\n`.repeat(1 + (index % 40)),
    ]),
  )
}

describe('processRepository', () => {
  test('every file is delivered, excluded or quarantined, and the output has exactly the delivered ones', async () => {
    const { engine, root, out } = setUp({ workerCount: 2 })
    writeTree(root, { ...sources(300), 'README.md': '# hello', '.hidden.js': 'x', 'bad.js': new Uint8Array([0, 1, 2]) })
    writeTree(root, { 'node_modules/x/index.js': 'pruned' })
    const result = await engine.processRepository(root)
    expect(result.books).toEqual({ discovered: 303, delivered: 300, quarantined: 1, excluded: 2 })
    expect(result).toMatchObject({ balanced: true, interrupted: false, out })
    expect(result.exclusions).toEqual({ hidden: 1, 'no-processor': 1 })
    expect(result.quarantined).toMatchObject([{ path: 'bad.js', code: 'FILE_BINARY' }])
    const expected = walked(root).filter((path) => path.startsWith('d'))
    expect(records(out).map(({ path }) => path)).toEqual(expected)
    expect(engine.getProcessingStatistics()).toMatchObject({
      phase: 'done',
      delivered: 300,
      quarantined: 1,
      found: 301,
    })
  })

  test('the same tree gives the same bytes, whatever the workers and the batches', async () => {
    const outputs: string[] = []
    for (const config of [{ workerCount: 1 }, { workerCount: 3, batchSize: 7 }]) {
      const { engine, root, out } = setUp(config)
      writeTree(root, sources(200))
      await engine.processRepository(root)
      outputs.push(readFileSync(out, 'utf8'))
    }
    expect(outputs[0]).toBe(outputs[1])
    expect(outputs[0]!.length).toBeGreaterThan(10_000)
  })

  // Those that hang, leak or crash the parser itself are among the killers in `crash/five-killers.test.ts`.
  test('files that crash, exit and throw are quarantined with their evidence, and all others are delivered', async () => {
    const { engine, root } = setUp({ processors: [BY_NAME], workerCount: 2 })
    writeTree(root, { ...sources(150), 'exit.js': 'x', 'segv.js': 'x', 'throw.js': 'x' })
    const result = await engine.processRepository(root)
    expect(result.books).toEqual({ discovered: 153, delivered: 150, quarantined: 3, excluded: 0 })
    expect(Object.fromEntries(result.quarantined.map(({ path, code }) => [path, code]))).toEqual({
      'exit.js': 'WORKER_CRASHED',
      'segv.js': 'WORKER_CRASHED',
      'throw.js': 'PROCESSOR_FAILED',
    })
    const evidenceOf = (path: string) =>
      JSON.parse(result.quarantined.find((row) => row.path === path)!.evidence) as Record<string, unknown>
    expect(evidenceOf('segv.js')).toMatchObject({ signal: 'SIGSEGV' })
    expect(evidenceOf('exit.js')).toMatchObject({ exitCode: 7 })
    expect(result.statistics.workersReplaced).toBeGreaterThan(0)
  })

  test('a file that vanishes before it is read is quarantined as such', async () => {
    const { engine, root } = setUp({ processors: [BY_NAME], workerCount: 1 })
    writeTree(root, { 'remove.js': 'x'.repeat(5000), 'gone.js': 'y', 'other.js': 'z' })
    const result = await engine.processRepository(root)
    expect(result.books).toMatchObject({ delivered: 2, quarantined: 1 })
    expect(result.quarantined).toMatchObject([{ path: 'gone.js', code: 'FILE_VANISHED' }])
  })

  test('a FIFO in the tree is excluded and does not hang the job', async () => {
    const { engine, root } = setUp()
    writeTree(root, { 'a.js': 'x' })
    execFileSync('mkfifo', [join(root, 'pipe.js')])
    const result = await engine.processRepository(root)
    expect(result.books).toEqual({ discovered: 2, delivered: 1, quarantined: 0, excluded: 1 })
    expect(result.exclusions).toEqual({ special: 1 })
  })

  test('a state folder inside the tree is not part of it', async () => {
    const { root } = setUp()
    writeTree(root, sources(3))
    const engine = new BatchProcessingEngine({ stateDir: join(root, 'state [1]'), sink: null, workerCount: 1 })
    for (const _ of [1, 2]) expect((await engine.processRepository(root)).books.discovered).toBe(3)
  })

  test('an empty folder is a job like any other', async () => {
    const { engine, root, out } = setUp()
    const result = await engine.processRepository(root)
    expect(result).toMatchObject({
      balanced: true,
      books: { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 },
    })
    expect(readFileSync(out, 'utf8')).toBe('')
    expect(result.statistics.fileMs).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
    expect(result.statistics.etaSeconds).toBe(0)
  })

  test.each<[string, BatchConfig, string?]>([
    ['ROOT_MISSING', {}, '/no/such/folder'],
    ['ROOT_NOT_DIRECTORY', {}, BY_NAME],
    ['PROCESSOR_UNKNOWN', { processors: ['sintax'] }],
    ['SINK_UNKNOWN', { sink: 'jsonn' }],
    ['OUT_UNWRITABLE', { out: `${BY_NAME}/out.jsonl` }],
    ['STATE_UNWRITABLE', { stateDir: BY_NAME }],
    ['OPTION_INVALID', { workerCount: 0 }],
    ['OPTION_INVALID', { discover: { include: 7 as never } }],
  ])('%s is told before any work', async (code, config, wrongRoot) => {
    const { engine, root, out } = setUp()
    await expect(engine.processRepository(wrongRoot ?? root, config)).rejects.toMatchObject({ code })
    expect(existsSync(out)).toBe(false)
  })

  test('a refused call leaves the engine as it was', async () => {
    const { engine, root } = setUp()
    writeTree(root, sources(3))
    await expect(engine.processRepository(root, { workerCount: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    expect((await engine.processRepository(root)).books.delivered).toBe(3)
  })

  test('aborting finishes and commits what is in hand, and says so', async () => {
    const { engine, root, out, stateDir } = setUp({ batchSize: 5, workerCount: 1 })
    writeTree(root, sources(400))
    const stop = new AbortController()
    engine.events.subscribe(({ type }) => {
      if (type === 'batch-committed') stop.abort()
    })
    const result = await engine.processRepository(root, {}, { signal: stop.signal })
    expect(result).toMatchObject({ interrupted: true, balanced: false, out: null })
    expect(result.books.discovered).toBe(400)
    expect(result.books.delivered).toBeGreaterThan(0)
    expect(result.books.delivered).toBeLessThan(400)
    expect(existsSync(out)).toBe(false)
    await using ledger = await openLedger(stateDir)
    expect(await ledger.job()).toMatchObject({ state: 'interrupted', jobId: result.jobId })
  })

  test('close ends a running job the same way', async () => {
    const { engine, root } = setUp({ batchSize: 5, workerCount: 1 })
    writeTree(root, sources(400))
    const run = engine.processRepository(root)
    await new Promise<void>((resolve) => engine.events.subscribe(({ type }) => type === 'batch-committed' && resolve()))
    await engine.close()
    expect(await run).toMatchObject({ interrupted: true })
  })

  test('a job that is aborted before it starts ends at once, with nothing done', async () => {
    const { engine, root, out } = setUp()
    writeTree(root, sources(10))
    const result = await engine.processRepository(root, {}, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ interrupted: true, books: { delivered: 0 } })
    expect(existsSync(out)).toBe(false)
  })

  test.each([
    'job-started',
    'worker-started',
    'batch-started',
    'file-delivered',
    'limits-changed',
    'job-finished',
  ] as const)('a listener that throws at %s ends the job with its error, and every process is gone', async (type) => {
    const { engine, root, events } = setUp({ batchSize: 20, workerCount: 2, memoryLimitMb: 256 })
    writeTree(root, sources(60))
    engine.events.subscribe((event) => {
      if (event.type === type) throw new Error('a bug in a listener')
    })
    // More than the job may hold, from its first sample on: limits change however soon it ends.
    const held = type === 'limits-changed' ? Buffer.alloc(300 * 2 ** 20, 1) : undefined
    await expect(engine.processRepository(root)).rejects.toMatchObject({ code: 'LISTENER_FAILED' })
    expect(held?.at(-1)).toBe(type === 'limits-changed' ? 1 : undefined)
    for (const event of events) {
      if (event.type === 'worker-started') expect(() => process.kill(event.pid, 0)).toThrow()
    }
  })

  test('workers are replaced after their share of files, and nothing is lost over it', async () => {
    const { engine, root, events } = setUp({ recycleAfterFiles: 30, batchSize: 20, workerCount: 1 })
    writeTree(root, sources(120))
    const { books, statistics } = await engine.processRepository(root)
    expect(books.delivered).toBe(120)
    const stopped = events.flatMap((event) => (event.type === 'worker-stopped' ? [event.reason] : []))
    expect(stopped.filter((reason) => reason === 'recycled').length).toBeGreaterThanOrEqual(2)
    expect(statistics.workersReplaced).toBe(0)
  })

  test('what files cost is learned, and known to the next job', async () => {
    const { engine, root, stateDir } = setUp()
    writeTree(root, sources(100))
    await engine.processRepository(root)
    await using ledger = await openLedger(stateDir)
    const learned = JSON.parse((await ledger.recall('costs syntax ast-json'))!) as { keys: object }
    expect(Object.keys(learned.keys)).toContain('source:typescript')
  })

  test('configure changes the workers of a running job', async () => {
    const { engine, root, events } = setUp({ batchSize: 3, workerCount: 1 })
    writeTree(root, sources(300))
    let asked = false
    engine.events.subscribe(({ type }) => {
      if (type !== 'batch-committed' || asked) return
      asked = true
      engine.configure({ workerCount: 3, batchSize: 40 })
    })
    const { books } = await engine.processRepository(root)
    expect(books.delivered).toBe(300)
    expect(new Set(events.flatMap((event) => (event.type === 'worker-started' ? [event.worker] : [])))).toContain(2)
    const sizes = events.flatMap((event) => (event.type === 'batch-started' ? [event.files] : []))
    expect(sizes[0]).toBeLessThanOrEqual(3)
    expect(Math.max(...sizes)).toBeGreaterThan(3)
    expect(() => engine.configure({ workerCount: -1 })).toThrow(/workerCount/)
  })

  test('with little memory allowed, batches shrink and fewer run at once', async () => {
    const { engine, root, events } = setUp({
      memoryLimitMb: 256,
      workerCount: 4,
      workerHeapMb: 64,
      processors: [BY_NAME],
    })
    const nap = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`nap${index}.js`, 'x']))
    writeTree(root, { ...sources(100), ...nap })
    // More than the job may hold, from its first sample on.
    const held = Buffer.alloc(300 * 2 ** 20, 1)
    const { books } = await engine.processRepository(root)
    expect([books.delivered, held.at(-1)]).toEqual([112, 1])
    const limits = events.flatMap((event) => (event.type === 'limits-changed' ? [event] : []))
    expect(limits.at(0)).toMatchObject({ concurrency: 3, batchSize: 100, reason: 'memory is short' })
  })

  test('two jobs asked for at once run one after the other', async () => {
    const { engine, root } = setUp()
    writeTree(root, sources(20))
    const [first, second] = await Promise.all([engine.processRepository(root), engine.processRepository(root)])
    expect(first.books).toEqual(second.books)
    expect(first.jobId < second.jobId).toBe(true)
  })

  test('highlights are the largest of their list, over all workers', async () => {
    const { engine, root } = setUp({ processors: [BY_NAME], batchSize: 10, workerCount: 2 })
    writeTree(root, Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`f${index}.js`, 'x'.repeat(index)])))
    const { highlights } = await engine.processRepository(root)
    expect(highlights.map(({ value }) => value)).toEqual([89, 88, 87, 86, 85, 84, 83, 82, 81, 80])
  })

  test('a custom sink gets every row, sorted, and commit', async () => {
    const seen: string[] = []
    const { engine, root, folder } = setUp({
      sink: {
        name: 'list',
        extension: '.txt',
        open: ({ out }) => ({
          write: (rows) => void seen.push(...rows.map(({ path }) => path)),
          commit: () => writeFileSync(out, seen.join('\n')),
          abort: () => {},
        }),
      },
    })
    writeTree(root, sources(50))
    const { out } = await engine.processRepository(root)
    expect(out).toBe(join(folder, 'out.jsonl'))
    expect(seen).toEqual(walked(root))
  })
})
