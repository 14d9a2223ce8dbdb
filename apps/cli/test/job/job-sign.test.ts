import { utimes } from 'node:fs/promises'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { controlAddress } from '../../src/control/control-address.ts'
import { isSilent, signOfLocal } from '../../src/job/job-sign.ts'
import { Folder } from '../run-millrace.ts'

const NOW_MS = 1_700_000_000_000
const files = { 'ledger.db': '', 'ledger.db-wal': '' }

/** A state folder whose files were written so many seconds ago. */
async function writtenAgo(database: number, log: number): Promise<Folder> {
  const folder = await Folder.with(files)
  const at = (seconds: number) => NOW_MS / 1000 - seconds
  await utimes(folder.at('ledger.db'), at(database), at(database))
  await utimes(folder.at('ledger.db-wal'), at(log), at(log))
  return folder
}

it('where nobody listens, the ledger’s files tell when the job wrote last', async () => {
  await using folder = await writtenAgo(500, 130)
  expect(await signOfLocal(folder.path, '7', NOW_MS)).toEqual({ paused: null, silentMs: 130_000 })
})

it('a job that hangs is not waited for, and is told by its files too', { timeout: 240_000 }, async () => {
  await using folder = await writtenAgo(40, 500)
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(controlAddress(folder.path), resolve))
  try {
    expect(await signOfLocal(folder.path, '7', NOW_MS)).toEqual({ paused: null, silentMs: 40_000 })
  } finally {
    silent.close()
  }
})

it('a job is silent when it should have told something', () => {
  expect([null, 0, 14.9, 15, 4000].map(isSilent)).toEqual([false, false, false, true, true])
})
