import { rename, rm, symlink, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { Reloader } from '../../src/pulse/reloader.ts'
import { watchFile } from '../../src/pulse/watch-file.ts'
import { Folder } from '../run-millrace.ts'

/** A clock whose one timer runs when a test says so, to its end. */
class HandClock {
  #callback: (() => unknown) | undefined

  after(_: number, callback: () => void) {
    this.#callback = callback
    return {
      cancel: () => {
        this.#callback = undefined
      },
    }
  }

  async ring(): Promise<void> {
    const callback = this.#callback
    this.#callback = undefined
    await callback?.()
  }
}

it('tells a change once nobody writes any more, however the file was changed', async () => {
  await using folder = await Folder.with({ 'monitors.yaml': 'one' })
  const path = folder.at('monitors.yaml')
  const clock = new HandClock()
  let changes = 0
  const watch = await watchFile({ path, clock, onChange: () => changes++ })
  const after = async (...steps: (() => Promise<unknown>)[]) => {
    for (const step of [...steps, async () => {}]) {
      await step()
      await clock.ring()
    }
    return changes
  }
  expect(await after()).toBe(0)
  expect(await after(() => writeFile(path, 'two, of another size')), 'written in place').toBe(1)
  const halves = [() => writeFile(path, 'thr'), () => writeFile(path, 'three')]
  expect(await after(...halves), 'written in two halves').toBe(2)
  await writeFile(folder.at('new'), 'another')
  expect(await after(() => rename(folder.at('new'), path)), 'replaced by another').toBe(3)
  expect(await after(() => rm(path)), 'gone').toBe(3)
  expect(await after(() => writeFile(path, 'back again')), 'back').toBe(4)
  await writeFile(folder.at('target'), 'elsewhere')
  await rm(path)
  expect(await after(() => symlink(folder.at('target'), path)), 'a link').toBe(5)
  expect(await after(() => writeFile(folder.at('target'), 'elsewhere 2')), 'what it links to').toBe(6)
  expect(await after()).toBe(6)
  watch[Symbol.dispose]()
  expect(await after(() => writeFile(path, 'unwatched'))).toBe(6)
})

it('reloads once more where it was asked meanwhile, and never twice at once', async () => {
  const releases: (() => void)[] = []
  const reloader = new Reloader(() => new Promise((resolve) => releases.push(resolve)))
  const release = async () => {
    releases.at(-1)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let times = 0; times < 3; times++) reloader.request()
  expect(releases).toHaveLength(1)
  await release()
  expect(releases).toHaveLength(2)
  await release()
  expect(releases).toHaveLength(2)
  reloader.request()
  expect(releases).toHaveLength(3)
  await release()
})
