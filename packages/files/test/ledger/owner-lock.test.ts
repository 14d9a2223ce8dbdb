import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { OwnerLock } from '../../src/ledger/owner-lock.ts'
import { temporaryFolder } from './samples.ts'

const CHILD = fileURLToPath(new URL('./owning-child.ts', import.meta.url))

let folder: ReturnType<typeof temporaryFolder>

beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder[Symbol.dispose]())

async function owningProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--conditions=millrace-source', CHILD, folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout!, 'data')
  expect(String(said)).toBe('true\n')
  return child
}

describe('the lock of a ledger', () => {
  it('is held by a living process, and ends with it however it ends', async () => {
    await using ledger = await openLedger(folder.path)
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const) {
      const child = await owningProcess()
      try {
        expect(await ledger.tryOwn()).toBe(false)
      } finally {
        child.kill(signal)
        await once(child, 'exit')
      }
    }
    expect(await ledger.tryOwn()).toBe(true)
  })

  it('can be had while a killed owner has left all it had', async () => {
    const child = await owningProcess()
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using ledger = await openLedger(folder.path)
    expect(await ledger.tryOwn()).toBe(true)
  })

  it('excludes another in the same process, and can be taken twice', () => {
    using first = new OwnerLock(folder.path)
    using second = new OwnerLock(folder.path)
    expect([first.tryTake(), first.tryTake(), second.tryTake()]).toEqual([true, true, false])
    expect([first.held, second.held]).toEqual([true, false])
    first[Symbol.dispose]()
    expect([first.held, second.tryTake()]).toEqual([false, true])
  })

  it('says why it cannot be had where its file cannot be made, or is something else', () => {
    using nowhere = new OwnerLock(join(folder.path, 'missing'))
    expect(() => nowhere.tryTake()).toThrow(expect.objectContaining({ code: 'STATE_UNWRITABLE' }))
    mkdirSync(join(folder.path, 'state'))
    writeFileSync(join(folder.path, 'state', 'owner.lock'), 'This is a diary. '.repeat(100))
    using diary = new OwnerLock(join(folder.path, 'state'))
    expect(() => diary.tryTake()).toThrow(expect.objectContaining({ code: 'LEDGER_CORRUPT' }))
    expect(diary.held).toBe(false)
  })
})
