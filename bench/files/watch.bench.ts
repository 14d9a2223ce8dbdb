import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BatchProcessingEngine } from '@millrace/files'
import parcel from '@parcel/watcher'
import { watch as chokidar } from 'chokidar'
import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { scratch } from './engine-config.ts'
import { generatedTree } from './generated-tree.ts'

/** How long everybody waits for a file to be quiet. */
const QUIET_MS = 100
/** What an edit may take beyond that, by the number of files: what feels immediate, and what still does not hold anybody up. */
const BEYOND_QUIET_MS = { usual: 100, most: 500, usualFiles: 20_000 } as const
const EDITS = 9

/** How long after an edit is it told of, and how long until it is in the output: beside loops that read one file and append a line? */
export default async function watch(bench: Bench): Promise<void> {
  for (const files of bench.quick ? [1000, 10_000] : [1000, 20_000, 100_000]) await watchTree(bench, files)
}

async function watchTree(bench: Bench, files: number): Promise<void> {
  const { root } = generatedTree({ files, minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 })
  const { told, written } = await ofOurs(root, files)
  const beside = [
    { name: '@parcel/watcher, read, hash, append', values: await ofLoop(root, files, byParcel) },
    { name: 'chokidar, read, hash, append', values: await ofLoop(root, files, byChokidar) },
  ]
  const { usual, most, usualFiles } = BEYOND_QUIET_MS
  const id = `files/watch-${files}`
  bench.report([
    rowAgainst(`${id}-told`, 'ms', told, QUIET_MS + (files <= usualFiles ? usual : most)),
    ...beside.map((peer) => rowBeside(`${id}-told`, 'ms', told, peer)),
    ...beside.map((peer) => rowBeside(`${id}-written`, 'ms', written, peer)),
  ])
}

/** Makes edits, one after another, and gives what each took as `settle` tells; leaves the files as they were. */
async function edits(root: string, files: number, settle: (path: string) => Promise<void>): Promise<void> {
  for (let n = 0; n < EDITS; n++) {
    const index = Math.floor(((n + 0.5) * files) / EDITS)
    const path = `part-${Math.floor(index / 100)}/module-${index}.ts`
    const text = readFileSync(join(root, path), 'utf8')
    try {
      writeFileSync(join(root, path), `${text}// ${n} ${performance.now()}\n`)
      await settle(path)
    } finally {
      writeFileSync(join(root, path), text)
      await settle(path)
    }
  }
}

async function ofOurs(root: string, files: number): Promise<{ told: number[]; written: number[] }> {
  using place = scratch()
  await using engine = new BatchProcessingEngine(place.config)
  const end = new AbortController()
  let onTold = () => {}
  let onWritten = () => {}
  let ready = () => {}
  engine.events.subscribe(({ type }) => type === 'exported' && onWritten())
  const watching = (async () => {
    for await (const { changes } of engine.watch(root, {}, { signal: end.signal, quietMs: QUIET_MS })) {
      if (changes === 0) ready()
      else onTold()
    }
  })()
  await Promise.race([watching, new Promise<void>((resolve) => (ready = resolve))])
  const told: number[] = []
  const written: number[] = []
  await edits(root, files, async () => {
    const at = performance.now()
    const both = [
      new Promise<void>((resolve) => (onTold = resolve)).then(() => told.push(performance.now() - at)),
      new Promise<void>((resolve) => (onWritten = resolve)).then(() => written.push(performance.now() - at)),
    ]
    await Promise.all(both)
    if (statSync(place.out).size === 0) throw new Error('the output is empty')
  })
  end.abort()
  await watching
  return { told, written }
}

/** Starts a watcher that tells of paths; gives how it is ended. */
type Watcher = (root: string, onChange: (path: string) => void) => Promise<() => Promise<void>>

const byParcel: Watcher = async (root, onChange) => {
  const subscription = await parcel.subscribe(root, (_error, events) => {
    for (const { path } of events) onChange(path)
  })
  return () => subscription.unsubscribe()
}

const byChokidar: Watcher = async (root, onChange) => {
  const watcher = chokidar(root, { ignoreInitial: true })
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  watcher.on('all', (_event, path) => onChange(path))
  return () => watcher.close()
}

/** The least by hand: when a file has been quiet, it is read and hashed, and a line appended. */
async function ofLoop(root: string, files: number, watcher: Watcher): Promise<number[]> {
  using place = scratch()
  let onTold = () => {}
  const timers = new Map<string, NodeJS.Timeout>()
  const close = await watcher(root, (path) => {
    clearTimeout(timers.get(path))
    const timer = setTimeout(() => {
      const bytes = readFileSync(path)
      const hash = createHash('sha256').update(bytes).digest('hex')
      appendFileSync(place.out, `${JSON.stringify({ path, hash, bytes: bytes.length })}\n`)
      onTold()
    }, QUIET_MS)
    timers.set(path, timer)
  })
  const took: number[] = []
  await edits(root, files, async () => {
    const at = performance.now()
    await new Promise<void>((resolve) => (onTold = resolve))
    took.push(performance.now() - at)
  })
  await close()
  return took
}
