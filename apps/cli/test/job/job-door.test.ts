import { existsSync, mkdirSync } from 'node:fs'
import { BatchProcessingEngine } from '@millrace/files'
import { expect, it } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { watchEngine } from '../../src/job/engine-watch.ts'
import { createJobDoor } from '../../src/job/job-door.ts'
import { Folder } from '../run-millrace.ts'

const started = { type: 'job-started', jobId: '7', root: '/tree', starts: 1 } as const
const books = { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 }
const finished = { type: 'job-finished', jobId: '7', books, balanced: true } as const

async function openDoor(folder: Folder) {
  const engine = new BatchProcessingEngine({ stateDir: folder.path })
  const failures: unknown[] = []
  const opened = Promise.withResolvers<string>()
  const door = createJobDoor({
    engine,
    stateDir: folder.path,
    cluster: undefined,
    watched: watchEngine(engine),
    onOpen: opened.resolve,
    onFailure: (error) => failures.push(error),
  })
  return { door, failures, opened: opened.promise }
}

it('is open from the start of the job to its end', async () => {
  await using folder = await Folder.with()
  const { door, opened } = await openDoor(folder)
  door.hear({ type: 'job-queued', jobId: '7', root: '/tree', behind: ['6'] })
  expect(existsSync(folder.at('control.sock'))).toBe(false)
  door.hear(started)
  expect(await opened).toBe(folder.at('control.sock'))
  expect(await connectControl(folder.path).health()).toMatchObject({ status: 'idle' })
  door.hear(finished)
  expect(existsSync(folder.at('control.sock'))).toBe(false)
  await door[Symbol.asyncDispose]()
})

it('stays shut where the job is over before it opens', async () => {
  await using folder = await Folder.with()
  const { door, failures } = await openDoor(folder)
  door.hear(started)
  door.hear(finished)
  await door[Symbol.asyncDispose]()
  expect(existsSync(folder.at('control.sock'))).toBe(false)
  expect(failures).toEqual([])
})

it('is closed when the job fails, which no event tells', async () => {
  await using folder = await Folder.with()
  const { door, opened } = await openDoor(folder)
  door.hear(started)
  await opened
  await door[Symbol.asyncDispose]()
  expect(existsSync(folder.at('control.sock'))).toBe(false)
})

it('tells a failure to listen, and does no more', async () => {
  await using folder = await Folder.with()
  mkdirSync(folder.at('control.sock'))
  const { door, failures } = await openDoor(folder)
  door.hear(started)
  await door[Symbol.asyncDispose]()
  expect(failures).toMatchObject([{ code: 'CONTROL_UNAVAILABLE' }])
})
