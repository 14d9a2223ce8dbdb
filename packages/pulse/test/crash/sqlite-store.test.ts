import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, randomFrom } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { changes, storedMonitor, temporaryFolder } from '../store/samples.ts'

const CHILD = fileURLToPath(new URL('./keeping-child.ts', import.meta.url))
const BOUND_MS = 240_000

/** A process that keeps monitors in `path`, one a commit, and prints the name of each; `limit` goes before its command. */
function keeping(path: string, variant: string, limit: readonly string[] = []) {
  const [program = '', ...args] = [...limit, process.execPath, '--conditions=millrace-source', CHILD, path, variant]
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Lets a child keep monitors, kills it after so many acknowledgements and a little more, and returns those acknowledged that are not there. */
async function lostBy(variant: string, after: number, delayMs: number): Promise<string[]> {
  using folder = temporaryFolder()
  const path = join(folder.path, 'pulse.db')
  const child = keeping(path, variant)
  let printed = ''
  let isFatal = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (isFatal || printed.split('\n').length <= after) return
    isFatal = true
    setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
  const acknowledged = printed.split('\n').slice(0, -1)
  expect(acknowledged.length).toBeGreaterThanOrEqual(after)

  await using store = createSqliteStore({ path })
  const { monitors } = await store.open()
  const kept = new Set(monitors.map(({ name }) => name))
  return acknowledged.filter((name) => !kept.has(name))
}

function* moments(count: number): Generator<readonly [after: number, delayMs: number]> {
  const random = randomFrom(20_261_122)
  for (let index = 0; index < count; index++) yield [1 + Math.floor(random() * 60), Math.floor(random() * 6)]
}

describe('createSqliteStore', { timeout: BOUND_MS }, () => {
  it('has all that was acknowledged, whenever its process is killed', async () => {
    for (const moment of moments(process.env.MILLRACE_SLOW ? 40 : 4))
      expect([moment, await lostBy('real', ...moment)]).toEqual([moment, []])
  })

  it('would be told from one that answers before it is durable', async () => {
    for (const moment of moments(30)) if ((await lostBy('early', ...moment)).length > 0) return
    expect.unreachable('thirty kills lost nothing')
  })

  it('is had by one process, until that ends, however it does', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'pulse.db')
    const child = keeping(path, 'real')
    await once(child.stdout, 'data')
    await messageOf('STORE_BUSY', () => createSqliteStore({ path }).open())
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using store = createSqliteStore({ path })
    expect((await store.open()).monitors.length).toBeGreaterThan(0)
  })

  it('rejects what a full disk does not take, keeps nothing of it, and has what was acknowledged', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'pulse.db')
    const limited = ['/bin/sh', '-c', 'ulimit -f 400 && exec "$@"', 'limited']
    const child = keeping(path, 'large', limited)
    const lines = (await child.stdout.toArray()).join('').trim().split('\n')
    expect(lines.at(-1)).toBe('STORE_FAILED')
    expect(lines.length).toBeGreaterThan(2)
    await using store = createSqliteStore({ path })
    const names = (await store.open()).monitors.map(({ name }) => name)
    expect(new Set(names)).toEqual(new Set(lines.slice(0, -1)))
    await store.commit(changes({ monitors: [storedMonitor()] }))
  })
})
