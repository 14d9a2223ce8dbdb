import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BatchProcessingEngine, openLedger, type WatchedRun, type WatchOptions } from '../../src/index.ts'
import { openTreeWatcher } from '../../src/watch/open-tree-watcher.ts'
import type { OpenTreeWatcher } from '../../src/watch/tree-watcher.ts'
import { randomBelow } from '../ledger/random.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

interface Watching {
  readonly config?: object
  readonly options?: WatchOptions
  readonly openWatcher?: OpenTreeWatcher
}

/** The runs of a watch, one after another. */
function watching(root: string, { config = {}, options = {}, openWatcher }: Watching = {}) {
  const place = temporaryFolder()
  const out = join(place, 'out.jsonl')
  const stateDir = join(place, 'state')
  const settings = { stateDir, out, workerCount: 1, ...config }
  const engine = new BatchProcessingEngine(settings, { ...(openWatcher && { openWatcher }) })
  const end = new AbortController()
  const times = { quietMs: 30, bulkQuietMs: 150, ...options, signal: end.signal }
  const runs = engine.watch(root, {}, times)[Symbol.asyncIterator]()
  onTestFinished(async () => {
    end.abort()
    await runs.return?.()
    await engine.close()
  })
  const next = async (): Promise<WatchedRun> => {
    const { value, done } = await runs.next()
    if (done === true) throw new Error('the watch is over')
    return value
  }
  /** Takes in run after run from now on, until the output is what is wanted. */
  let pumping: Promise<void> | undefined
  const untilOutput = async (wanted: string): Promise<void> => {
    pumping ??= (async () => {
      while ((await runs.next()).done !== true);
    })()
    for (;;) {
      const renewed = Promise.withResolvers<void>()
      using _heard = engine.events.subscribe(({ type }) => {
        if (type === 'exported') renewed.resolve()
      })
      if (readFileSync(out, 'utf8') === wanted) return
      await Promise.race([renewed.promise, pumping])
    }
  }
  return { engine, next, out, stateDir, end, runs, untilOutput }
}

/** Changes a file in one step, as editors do: writing it is two, which are told apart where much else goes on between them. */
function replaceFile(path: string, text: string): void {
  const fresh = join(temporaryFolder(), 'fresh')
  writeFileSync(fresh, text)
  renameSync(fresh, path)
}

async function batchRun(root: string, config: object = {}): Promise<string> {
  const place = temporaryFolder()
  const out = join(place, 'batch.jsonl')
  await using engine = new BatchProcessingEngine({ stateDir: join(place, 'state'), out, workerCount: 1, ...config })
  await engine.processRepository(root)
  return readFileSync(out, 'utf8')
}

test('what changed while nobody watched, then an edit, a removal, a move', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n', 'c/d.ts': 'let d = 1\n' })
  const { next, untilOutput, engine } = watching(root)
  expect(await next()).toMatchObject({ changes: 0, brokenOff: false, result: { books: { delivered: 3 }, reused: 0 } })

  writeFileSync(join(root, 'a.ts'), 'let a = 2\nlet aa = 3\n')
  const edited = await next()
  expect(edited).toMatchObject({
    changes: 1,
    result: { books: { delivered: 3 }, reused: 2, removed: 0, out: null, statistics: { found: 3, delivered: 3 } },
  })

  rmSync(join(root, 'b.ts'))
  renameSync(join(root, 'c'), join(root, 'e'))
  await untilOutput(await batchRun(root))
  expect(engine.getProcessingStatistics()).toMatchObject({ found: 2, delivered: 2 })
})

test('a checkout is one run', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  // What changes at once is told in pieces, on a busy machine far apart.
  const { next } = watching(root, { options: { quietMs: 2000, bulkQuietMs: 500 } })
  await next()
  for (let n = 0; n < 400; n++) writeTree(root, { [`folder-${n % 20}/f${n}.ts`]: `let f${n} = ${n}\n` })
  expect((await next()).result.books.delivered).toBe(401)
})

test('the engine does not wake itself: its ledger and its export lie in the tree', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  const { next } = watching(root, {
    config: { stateDir: join(root, 'own-state'), out: join(root, 'results.jsonl') },
  })
  await next()
  for (let n = 2; n < 5; n++) {
    replaceFile(join(root, 'a.ts'), `let a = ${'9'.repeat(n)}\n`)
    const { changes, result } = await next()
    // One path, and no run but those that the edits asked for.
    expect(changes).toBe(1)
    expect(result.jobId).toMatch(new RegExp(`-00${n}$`))
  }
})

test('the tree goes away: a sentence, and the end', async () => {
  const root = join(temporaryFolder(), 'tree')
  writeTree(root, { 'a.ts': 'let a = 1\n' })
  const { next } = watching(root)
  await next()
  rmSync(root, { recursive: true })
  await expect(next()).rejects.toMatchObject({
    code: 'ROOT_MISSING',
    message: expect.stringMatching(/There is no folder ".*" any more/),
  })
})

test('a tree in whose place there is another is run over and watched as that', async () => {
  const place = temporaryFolder()
  const root = writeTree(join(place, 'tree'), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n' })
  const fresh = writeTree(join(place, 'fresh'), { 'a.ts': 'let a = 1\n', 'sub/c.ts': 'let c = 1\n' })
  const { next, untilOutput } = watching(root)
  await next()
  renameSync(root, join(place, 'before'))
  renameSync(fresh, root)
  await untilOutput(await batchRun(root))
  replaceFile(join(root, 'sub/c.ts'), 'let c = 22\n')
  await untilOutput(await batchRun(root))
})

test('a link that leads to another tree from now on is run over and watched as that', async () => {
  const place = temporaryFolder()
  const [one, other] = [1, 2].map((n) =>
    writeTree(join(place, `release-${n}`), { 'a.ts': `let a = ${n}\n`, [`b${n}.ts`]: 'let b\n' }),
  )
  const root = join(place, 'current')
  symlinkSync(one!, root)
  const { next, untilOutput } = watching(root)
  await next()
  symlinkSync(other!, join(place, 'next'))
  renameSync(join(place, 'next'), root)
  await untilOutput(await batchRun(root))
  replaceFile(join(other!, 'a.ts'), 'let a = 22\n')
  await untilOutput(await batchRun(root))
})

test('a tree that never was', async () => {
  const { next } = watching(join(temporaryFolder(), 'absent'))
  await expect(next()).rejects.toMatchObject({ code: 'ROOT_MISSING' })
})

test('the end of the signal is the end of the iteration', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  const { next, end, runs } = watching(root)
  await next()
  end.abort()
  expect(await runs.next()).toEqual({ value: undefined, done: true })
})

/** Edits, moves, removes and ignores, as a seed has it, and waits each time for what a batch run gives. */
async function changeAtRandom(
  root: string,
  seed: number,
  rounds: number,
  untilOutput: (wanted: string) => Promise<void>,
) {
  const below = randomBelow(seed)
  const folders = ['d0', 'd1', 'd2', 'd1/e', 'd1/e/f']
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < 1 + below(8); n++) {
      const folder = folders[below(folders.length)]!
      const path = `${folder}/f${below(4)}.ts`
      const other = `${folders[below(folders.length)]!}/f${below(4)}.ts`
      const act = below(7)
      if (act <= 2) writeTree(root, { [path]: `let x = ${below(1e9)}\n` })
      else if (act === 3) rmSync(join(root, below(3) === 0 ? folder : path), { recursive: true, force: true })
      else if (act === 4 && existsSync(join(root, path))) {
        mkdirSync(dirname(join(root, other)), { recursive: true })
        renameSync(join(root, path), join(root, other))
      } else if (act === 5 && existsSync(join(root, folder)) && !existsSync(join(root, `moved${round}`)))
        renameSync(join(root, folder), join(root, `moved${round}`))
      else if (act === 6) {
        const at = below(2) === 0 || !existsSync(join(root, folder)) ? '' : `${folder}/`
        writeTree(root, { [`${at}.gitignore`]: below(3) === 0 ? '' : `f${below(4)}.ts\nd${below(3)}/\n` })
      }
    }
    // A last edit that nothing can hide, so that there is a run to wait for.
    writeFileSync(join(root, 'keep.ts'), `let keep = ${below(1e9)}\n`)
    await untilOutput(await batchRun(root))
  }
}

/** All that a ledger has of the tree of its newest job. */
async function ledgerOf(stateDir: string) {
  await using ledger = await openLedger(stateDir, { readonly: true })
  const { jobId } = (await ledger.job())!
  const results = await ledger.results(jobId, undefined, 1000, 1e9)
  return { results, books: await ledger.books(jobId), exclusions: await ledger.exclusions(jobId) }
}

test('whatever is edited, moved, removed or ignored, the results are those of a batch run', async () => {
  const root = writeTree(temporaryFolder(), { 'keep.ts': 'let keep = 1\n' })
  const { next, end, runs, stateDir, untilOutput } = watching(root)
  await next()
  await changeAtRandom(root, 11, 6, untilOutput)
  end.abort()
  await runs.return?.()

  const watched = await ledgerOf(stateDir)
  const fresh = temporaryFolder()
  await using batch = new BatchProcessingEngine({ stateDir: fresh, out: join(fresh, 'o.jsonl'), workerCount: 1 })
  await batch.processRepository(root)
  expect(watched).toEqual(await ledgerOf(fresh))
})

/** A watcher that lets none of these changes through. */
const deafTo =
  (isUnheard: (path: string) => boolean): OpenTreeWatcher =>
  (options) =>
    openTreeWatcher({
      ...options,
      onChanges: (paths) => options.onChanges(paths.filter((path) => !isUnheard(path))),
    })

test('where links are followed, what changes behind them comes too', async () => {
  const place = temporaryFolder()
  const beyond = writeTree(join(place, 'beyond'), { 'b.ts': 'let b = 1\n' })
  const root = writeTree(join(place, 'tree'), { 'a.ts': 'let a = 1\n' })
  symlinkSync(beyond, join(root, 'link'))
  const { next, untilOutput } = watching(root, {
    config: { discover: { followSymlinks: true } },
    options: { lookAllMs: 200 },
  })
  expect((await next()).result.books.delivered).toBe(2)
  replaceFile(join(beyond, 'b.ts'), 'let b = 22\n')
  await untilOutput(await batchRun(root, { discover: { followSymlinks: true } }))
})

test('a change that no watcher told of comes when it is quiet, and no run says that it found nothing', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n' })
  const openWatcher = deafTo((path) => path.endsWith('b.ts'))
  const { next, untilOutput } = watching(root, { options: { lookAllMs: 200 }, openWatcher })
  await next()
  writeTree(root, { 'b.ts': 'let b = 22\n', 'a.ts': 'let a = 2\n' })
  expect(await next()).toMatchObject({ changes: 1, result: { reused: 1 } })
  expect(await next()).toMatchObject({ changes: 0, result: { reused: 1 } })
  await untilOutput(await batchRun(root))
})

test('the mutant that hears of no rules is told by its results', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n' })
  const openWatcher = deafTo((path) => path.endsWith('.gitignore'))
  const { next, engine, out } = watching(root, { openWatcher })
  await next()
  writeTree(root, { '.gitignore': 'b.ts\n', 'a.ts': 'let a = 2\n' })
  const exported = new Promise<void>((resolve) =>
    engine.events.subscribe(({ type }) => type === 'exported' && resolve()),
  )
  await next()
  await exported
  expect(readFileSync(out, 'utf8')).not.toBe(await batchRun(root))
})

test('rules above the root, and another job over the tree, are looked at everywhere', async () => {
  const top = temporaryFolder()
  mkdirSync(join(top, '.git'))
  const root = join(top, 'tree')
  writeTree(root, { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n', 'c.ts': 'let c = 1\n' })
  const { next, stateDir, untilOutput } = watching(root)
  await next()
  writeTree(top, { '.gitignore': 'b.ts\n', 'tree/a.ts': 'let a = 2\n' })
  expect(await next()).toMatchObject({ changes: 1, result: { removed: 1, books: { delivered: 2 } } })

  const config = { stateDir, out: join(top, 'other.jsonl'), workerCount: 1, discover: { exclude: ['c.ts'] } }
  await using other = new BatchProcessingEngine(config)
  await other.processRepository(root, {}, { queue: 1 })
  writeTree(root, { 'a.ts': 'let a = 3\n' })
  expect(await next()).toMatchObject({ changes: 1, result: { books: { delivered: 2 } } })
  await untilOutput(await batchRun(root))
})

test('a worker that died between two runs costs nobody anything', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  const { next, engine } = watching(root)
  let pid = 0
  engine.events.subscribe((event) => {
    if (event.type === 'worker-started') pid = event.pid
  })
  await next()
  const first = pid
  writeTree(root, { 'a.ts': 'let a = 2\n' })
  await next()
  expect(pid).toBe(first)
  process.kill(pid, 'SIGKILL')
  while (isThere(first)) await new Promise((resolve) => setImmediate(resolve))
  writeTree(root, { 'a.ts': 'let a = 3\n' })
  expect(await next()).toMatchObject({ result: { books: { delivered: 1 }, statistics: { retries: 0 } } })
  expect(pid).not.toBe(first)
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a ledger that was removed between two runs is made anew', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n' })
  const { next, stateDir, untilOutput } = watching(root)
  await next()
  rmSync(stateDir, { recursive: true })
  writeTree(root, { 'a.ts': 'let a = 2\n' })
  expect(await next()).toMatchObject({ result: { books: { delivered: 2 }, reused: 0 } })
  await untilOutput(await batchRun(root))
})

test('what is made afresh is made so once', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n' })
  const stateDir = join(temporaryFolder(), 'state')
  await using before = new BatchProcessingEngine({ stateDir, out: `${stateDir}.jsonl`, workerCount: 1 })
  await before.processRepository(root)
  const { next } = watching(root, { config: { stateDir, reuse: 'none' }, options: { fewPaths: 0 } })
  expect(await next()).toMatchObject({ result: { reused: 0, books: { delivered: 2 } } })
  writeTree(root, { 'a.ts': 'let a = 2\n' })
  // By a walk of everything, of which nothing more is made anew.
  expect(await next()).toMatchObject({ changes: 1, result: { reused: 1, books: { delivered: 2 } } })
})

test('what is owed at the end is written', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  const { next, end, runs, out } = watching(root)
  await next()
  writeTree(root, { 'a.ts': 'let a = 2\n' })
  await next()
  end.abort()
  expect(await runs.next()).toMatchObject({ done: true })
  expect(readFileSync(out, 'utf8')).toBe(await batchRun(root))
})
