import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { discoverFiles } from '../../src/discovery/discover-files.ts'
import type { DiscoveryChunk } from '../../src/discovery/discovery.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { collect } from './collect.ts'

/** The threads started during the test. */
function watchThreads(): Worker[] {
  const threads: Worker[] = []
  const watch = (thread: Worker) => threads.push(thread)
  process.on('worker', watch)
  onTestFinished(() => void process.off('worker', watch))
  return threads
}

/** Of a thread that has ended, Node says −1. */
const ENDED = -1

/** A real tree with more files than a walk may run ahead. */
const LARGE = fileURLToPath(new URL('../../../../node_modules', import.meta.url))

async function pathsOf(root: string): Promise<string[]> {
  return (await Array.fromAsync(discoverFiles(root))).map((file) => file.path)
}

describe('a whole walk', () => {
  test('gives in chunks what the walk finds, and ends its thread', async () => {
    const threads = watchThreads()
    const chunks = await Array.fromAsync(discoverFiles(LARGE).chunks())
    const { files, excluded, problems } = collect(LARGE)
    expect(chunks.flatMap((chunk) => chunk.files)).toEqual(files)
    expect(chunks.flatMap((chunk) => chunk.excluded.map(({ path, reason }) => [path, reason]))).toEqual(
      Object.entries(excluded),
    )
    expect(chunks.flatMap((chunk) => chunk.problems)).toEqual(problems)
    expect(threads.map((thread) => thread.threadId)).toEqual([ENDED])
  })

  test('gives files one by one', async () => {
    const root = writeTree(temporaryFolder(), { 'b/b.js': '', 'a.js': '', '.hidden': '' })
    expect(await pathsOf(root)).toEqual(['a.js', 'b/b.js'])
  })

  test('of an empty folder is empty', async () => {
    expect(await Array.fromAsync(discoverFiles(temporaryFolder()).chunks())).toEqual([])
  })

  test('takes options with it', async () => {
    const root = writeTree(temporaryFolder(), { '.a.ts': '', 'b.ts': '', 'c.js': '' })
    const options = { hidden: true, include: ['*.ts'], exclude: ['b.*'] }
    expect((await Array.fromAsync(discoverFiles(root, options))).map((file) => file.path)).toEqual(['.a.ts'])
  })

  test('can begin at a link to a folder, and at a relative path', async () => {
    const root = writeTree(temporaryFolder(), { 'real/a.js': '' })
    symlinkSync('real', `${root}/link`)
    expect(await pathsOf(`${root}/link`)).toEqual(['a.js'])
    expect(await pathsOf(relative(process.cwd(), `${root}/link/`))).toEqual(['a.js'])
  })
})

describe('an early end', () => {
  test('by break ends the thread', async () => {
    const threads = watchThreads()
    for await (const _ of discoverFiles(LARGE)) break
    expect(threads.map((thread) => thread.threadId)).toEqual([ENDED])
  })

  test('by the signal throws its reason and ends the thread', async () => {
    const threads = watchThreads()
    const abort = new AbortController()
    const chunks: DiscoveryChunk[] = []
    const reading = (async () => {
      for await (const chunk of discoverFiles(LARGE, { signal: abort.signal }).chunks()) {
        chunks.push(chunk)
        abort.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
    expect(chunks).toHaveLength(1)
    expect(threads.map((thread) => thread.threadId)).toEqual([ENDED])
  })

  test('by a signal aborted before starts no thread', async () => {
    const threads = watchThreads()
    const signal = AbortSignal.abort(new Error('never mind'))
    await expect(Array.fromAsync(discoverFiles(temporaryFolder(), { signal }))).rejects.toThrow('never mind')
    expect(threads).toEqual([])
  })

  test('of the thread itself is no end of the list', async () => {
    const threads = watchThreads()
    const reading = (async () => {
      for await (const _ of discoverFiles(LARGE).chunks()) await threads[0]?.terminate()
    })()
    await expect(reading).rejects.toMatchObject({ code: 'DISCOVERY_FAILED', detail: { root: LARGE } })
  })
})

test('the walk stays at most a few chunks ahead of its reader', async () => {
  const root = temporaryFolder()
  symlinkSync(LARGE, `${root}/link`)
  let files = 0
  let vanished = 0
  for await (const chunk of discoverFiles(root, { followSymlinks: true, hidden: true, vendor: true }).chunks()) {
    if (files === 0) {
      // Time in which a walk without bounds would come to its end …
      for (let i = 0; i < 5; i++) collect(LARGE)
      // … and what it has not looked at by then is gone when it does.
      rmSync(`${root}/link`)
    }
    files += chunk.files.length
    vanished += chunk.problems.filter((problem) => problem.code === 'ENOENT').length
  }
  // The chunk read, four unread, and one in the making.
  expect(files).toBeLessThanOrEqual(6000)
  expect(vanished).toBeGreaterThan(0)
})

test('a discovery is iterated once', async () => {
  const root = temporaryFolder()
  const discovery = discoverFiles(root)
  await Array.fromAsync(discovery)
  expect(() => discovery.chunks()).toThrow(expect.objectContaining({ code: 'DISCOVERY_CONSUMED', detail: { root } }))
  expect(() => discovery[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'DISCOVERY_CONSUMED' }))
})

test('a process whose reader has lost interest ends', async () => {
  const url = new URL('../../src/discovery/discover-files.ts', import.meta.url).href
  const script = `import { discoverFiles } from ${JSON.stringify(url)}
    const { value } = await discoverFiles(${JSON.stringify(LARGE)}).chunks().next()
    console.log(value.files.length > 0)`
  const args = ['--conditions=millrace-source', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 })
  expect(stdout).toBe('true\n')
})

describe('a root that cannot be walked', () => {
  test.each([
    ['missing', 'ROOT_MISSING', 'There is no folder'],
    ['file.txt', 'ROOT_NOT_DIRECTORY', 'is not a folder'],
    ['file.txt/below', 'ROOT_MISSING', 'There is no folder'],
    ['loop', 'ROOT_UNREADABLE', 'cannot be read (ELOOP)'],
    ['x'.repeat(300), 'ROOT_UNREADABLE', 'cannot be read (ENAMETOOLONG)'],
  ])('%s: %s', async (name, code, message) => {
    const threads = watchThreads()
    const folder = writeTree(temporaryFolder(), { 'file.txt': '' })
    symlinkSync('loop', `${folder}/loop`)
    const walk = Array.fromAsync(discoverFiles(`${folder}/${name}`))
    await expect(walk).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      detail: { root: `${folder}/${name}` },
    })
    expect(threads).toEqual([])
  })

  test.each(['', 'a\0b', 7, undefined])('%o is no path', (root) => {
    expect(() => discoverFiles(root as string)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('options are checked before anything is read', () => {
    expect(() => discoverFiles('missing', { include: [''] })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

test('a path of 4,000 characters is found beside its neighbours', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': '', 'z.js': '' })
  const deep = `${root}${`/${'d'.repeat(199)}`.repeat(19)}`
  mkdirSync(deep, { recursive: true })
  const long = `${deep}/${'f'.repeat(4000 - deep.length - 1)}`
  writeFileSync(long, '')
  expect(await pathsOf(root)).toEqual(['a.js', long.slice(root.length + 1), 'z.js'])
})
