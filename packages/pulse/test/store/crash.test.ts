import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomFrom } from '@millrace/kernel/test/property'
import { expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from './samples.ts'

const CHILD = fileURLToPath(new URL('./keeping-child.ts', import.meta.url))

/** Lets a child keep monitors, kills it after so many acknowledgements and a little more, and returns those acknowledged that are not there. */
async function lostBy(variant: string, after: number, delayMs: number): Promise<string[]> {
  using folder = temporaryFolder()
  const path = join(folder.path, 'pulse.db')
  const child = spawn(process.execPath, ['--conditions=millrace-source', CHILD, path, variant], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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

it('has all that was acknowledged, whenever its process is killed', { timeout: 60_000 }, async () => {
  for (const moment of moments(process.env.MILLRACE_SLOW ? 40 : 4))
    expect([moment, await lostBy('real', ...moment)]).toEqual([moment, []])
})

it('would tell a store that answers before it is durable', { timeout: 60_000 }, async () => {
  for (const moment of moments(6)) if ((await lostBy('early', ...moment)).length > 0) return
  expect.unreachable('six kills lost nothing')
})
