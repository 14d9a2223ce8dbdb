import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BatchProcessingEngine, type WatchedRun } from '../../src/index.ts'
import { randomBelow } from '../ledger/random.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

/** The runs of a watch, one after another. */
function watching(root: string, config: object = {}) {
  const place = temporaryFolder()
  const out = join(place, 'out.jsonl')
  const engine = new BatchProcessingEngine({ stateDir: join(place, 'state'), out, workerCount: 1, ...config })
  const end = new AbortController()
  const runs = engine.watch(root, {}, { signal: end.signal, quietMs: 30, bulkQuietMs: 150 })[Symbol.asyncIterator]()
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
  return { engine, next, out, end, runs }
}

async function batchRun(root: string): Promise<string> {
  const place = temporaryFolder()
  const out = join(place, 'batch.jsonl')
  await using engine = new BatchProcessingEngine({ stateDir: join(place, 'state'), out, workerCount: 1 })
  await engine.processRepository(root)
  return readFileSync(out, 'utf8')
}

test('what changed while nobody watched, then an edit, a removal, a move', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n', 'b.ts': 'let b = 1\n', 'c/d.ts': 'let d = 1\n' })
  const { next, out } = watching(root)
  expect(await next()).toMatchObject({ changes: 0, brokenOff: false, result: { books: { delivered: 3 }, reused: 0 } })

  writeFileSync(join(root, 'a.ts'), 'let a = 2\nlet aa = 3\n')
  const edited = await next()
  expect(edited).toMatchObject({ changes: 1, result: { books: { delivered: 3 }, reused: 2, removed: 0 } })

  rmSync(join(root, 'b.ts'))
  renameSync(join(root, 'c'), join(root, 'e'))
  let last = await next()
  while (readFileSync(out, 'utf8') !== (await batchRun(root))) last = await next()
  expect(last.result.books.delivered).toBe(2)
})

test('a checkout is one run', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  const { next } = watching(root)
  await next()
  for (let n = 0; n < 400; n++) writeTree(root, { [`folder-${n % 20}/f${n}.ts`]: `let f${n} = ${n}\n` })
  expect((await next()).result.books.delivered).toBe(401)
})

test('the engine does not wake itself: its ledger and its export lie in the tree', async () => {
  const root = writeTree(temporaryFolder(), { 'a.ts': 'let a = 1\n' })
  const { next } = watching(root, { stateDir: join(root, 'own-state'), out: join(root, 'results.jsonl') })
  await next()
  for (let n = 2; n < 5; n++) {
    writeFileSync(join(root, 'a.ts'), `let a = ${'9'.repeat(n)}\n`)
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

test('whatever is edited, moved, removed or ignored, the results are those of a batch run', async () => {
  const below = randomBelow(11)
  const root = writeTree(temporaryFolder(), { 'keep.ts': 'let keep = 1\n' })
  const { next, out } = watching(root)
  await next()
  const files = new Set(['keep.ts'])
  const pick = () => [...files][below(files.size)]!
  for (let round = 0; round < 6; round++) {
    for (let n = 0; n < 1 + below(8); n++) {
      const path = `d${below(3)}/f${below(6)}.ts`
      const act = below(5)
      if (act <= 1) {
        writeTree(root, { [path]: `let x = ${below(1e9)}\n` })
        files.add(path)
      } else if (act === 2 && files.size > 1) {
        const gone = pick()
        if (gone === 'keep.ts') continue
        rmSync(join(root, gone))
        files.delete(gone)
      } else if (act === 3 && files.size > 1) {
        const from = pick()
        if (from === 'keep.ts' || from === path) continue
        mkdirSync(dirname(join(root, path)), { recursive: true })
        renameSync(join(root, from), join(root, path))
        files.delete(from)
        files.add(path)
      } else writeTree(root, { '.gitignore': below(2) === 0 ? `d${below(3)}/\n` : '' })
    }
    // A last edit that nothing can hide, so that there is a run to wait for.
    writeFileSync(join(root, 'keep.ts'), `let keep = ${below(1e9)}\n`)
    const wanted = await batchRun(root)
    for (let runs = 0; readFileSync(out, 'utf8') !== wanted; runs++) {
      expect(runs).toBeLessThan(20)
      await next()
    }
  }
})
