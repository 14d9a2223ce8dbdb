import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { childOver, MISBEHAVING } from './child-over.ts'
import { reportsOf } from './executor-conformance.ts'
import { endsWithin, hasEnded } from './process-gone.ts'

const ENGINE = fileURLToPath(new URL('../fixtures/engine-with-workers.ts', import.meta.url))
/** Against hangs. */
const LIMIT_MS = 50_000

/** An engine whose worker has `path` in hand. */
async function engineWith(
  path: string,
  { flags = [], nice = 0 }: { readonly flags?: readonly string[]; readonly nice?: number } = {},
): Promise<{ engine: ChildProcess; worker: number; root: string }> {
  const root = writeTree(temporaryFolder(), { 'a.js': '', [path]: '' })
  const command = [process.execPath, '--conditions=millrace-source', ENGINE, root, path, ...flags]
  const engine = spawn('nice', ['-n', `${nice}`, ...command], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  onTestFinished(() => void engine.kill('SIGKILL'))
  const [line] = (await once(engine.stdout, 'data')) as [Buffer]
  const worker = Number(line.toString())
  onTestFinished(() => {
    if (!hasEnded(worker)) process.kill(-worker, 'SIGKILL')
  })
  return { engine, worker, root }
}

async function childOf(root: string, path: string): Promise<number> {
  const noted = join(root, `${path}.pid`)
  for (const until = Date.now() + LIMIT_MS; Date.now() < until; await sleep(20)) {
    if (existsSync(noted) && readFileSync(noted, 'utf8') !== '') return Number(readFileSync(noted, 'utf8'))
  }
  throw new Error('the processor started no child')
}

/** The process group that a process is in. */
function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
}

/** The shells that watch over a process's workers. */
function guardsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  return children.filter((child) => {
    try {
      return readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('millrace-guard')
    } catch {
      return false
    }
  })
}

describe('when the engine is killed', () => {
  test('a worker in an endless loop ends, and what it started', async () => {
    const { engine, worker, root } = await engineWith('child-and-loop.js')
    const child = await childOf(root, 'child-and-loop.js')
    expect([hasEnded(worker), hasEnded(child)]).toEqual([false, false])
    engine.kill('SIGKILL')
    expect(await endsWithin(LIMIT_MS, worker)).toBe(true)
    expect(await endsWithin(LIMIT_MS, child)).toBe(true)
  })

  test('with its whole process group, a worker that waits for ever ends too', async () => {
    const { engine, worker } = await engineWith('atomics.js')
    process.kill(-engine.pid!, 'SIGKILL')
    expect(await endsWithin(LIMIT_MS, worker)).toBe(true)
  })

  test('a worker ends where the guard itself was killed before', async () => {
    const { engine, worker } = await engineWith('loop.js')
    const [guard] = guardsOf(engine.pid!)
    process.kill(guard!, 'SIGKILL')
    for (const until = Date.now() + LIMIT_MS; Date.now() < until; await sleep(20)) {
      const guards = guardsOf(engine.pid!)
      if (guards.length === 1 && guards[0] !== guard) break
    }
    engine.kill('SIGKILL')
    expect(await endsWithin(LIMIT_MS, worker)).toBe(true)
  })

  test('the mutant without a guard leaves the worker running', async () => {
    const { engine, worker } = await engineWith('loop.js', { flags: ['--unguarded'] })
    engine.kill('SIGKILL')
    await once(engine, 'exit')
    expect(await endsWithin(1000, worker)).toBe(false)
  })
})

test("a terminal's Ctrl-C reaches the engine and not its workers", async () => {
  const { engine, worker } = await engineWith('loop.js')
  expect(groupOf(worker)).toBe(worker)
  process.kill(-engine.pid!, 'SIGINT')
  const [, signal] = await once(engine, 'exit')
  expect(signal).toBe('SIGINT')
  expect(await endsWithin(LIMIT_MS, worker)).toBe(true)
})

test('a worker steps back behind its engine, and no less than the engine was told to', async () => {
  const own = getPriority()
  const { worker } = await engineWith('loop.js')
  expect(getPriority(worker)).toBe(Math.max(5, own))
  const { worker: patient } = await engineWith('loop.js', { nice: 12 })
  expect(getPriority(patient)).toBe(Math.min(19, own + 12))
})

describe('what a processor started ends with its worker', () => {
  const childAnd = async (name: string, deadlineMs = 20_000) => {
    const root = writeTree(temporaryFolder(), { [name]: '' })
    const executor = childOver(root, { processors: [MISBEHAVING], deadlineMs: () => deadlineMs })
    const { end } = await reportsOf(executor, [found(root, name)])
    return { executor, end, child: await childOf(root, name) }
  }

  test('when the worker exits by itself', async () => {
    const { end, child } = await childAnd('child-and-exit.js')
    expect(end).toMatchObject({ done: false, death: { evidence: { exitCode: 3 } } })
    expect(await endsWithin(LIMIT_MS, child)).toBe(true)
  })

  test('when the worker is ended at the deadline', async () => {
    const { end, child } = await childAnd('child-and-loop.js', 1000)
    expect(end).toMatchObject({ done: false, death: { reason: 'deadline' } })
    expect(await endsWithin(LIMIT_MS, child)).toBe(true)
  })

  test('when the worker is closed, and not before', async () => {
    const { executor, end, child } = await childAnd('child-left.js')
    expect(end).toEqual({ done: true })
    expect(hasEnded(child)).toBe(false)
    await executor.close()
    expect(await endsWithin(LIMIT_MS, child)).toBe(true)
  })
})
