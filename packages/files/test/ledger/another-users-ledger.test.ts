import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { jobSpec, temporaryFolder } from './samples.ts'

const CHILD = fileURLToPath(new URL('./reading-child.ts', import.meta.url))
const LEDGER = new URL('../../src/ledger/open-ledger.ts', import.meta.url).href
/** Root may everything: it looks as nobody. Others take from themselves what another user would not have. */
const asAnother = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const WAIT = { timeout: 60_000 }

function readAs(stateDir: string): Record<string, unknown> {
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=millrace-source', CHILD, stateDir], {
    encoding: 'utf8',
    timeout: 50_000,
    env: {},
    ...asAnother,
  })
  return stdout === '' ? { stderr } : JSON.parse(stdout)
}

/** Whether another user gets as far as to this code at all. */
const noOther = process.platform === 'win32' || 'stderr' in readAs('/nowhere/at/all')

describe.skipIf(noOther)('a ledger of another user', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let stateDir: string
  let jobId: string

  beforeEach(async () => {
    folder = temporaryFolder()
    chmodSync(folder.path, 0o755)
    stateDir = join(folder.path, 'state')
    mkdirSync(stateDir)
    await using ledger = await openLedger(stateDir)
    jobId = await ledger.enqueueJob(jobSpec)
  })
  afterEach(() => {
    chmodSync(stateDir, 0o755)
    folder[Symbol.dispose]()
  })

  it('can be read where it is at rest, though nothing can be written beside it', WAIT, () => {
    const before = readdirSync(stateDir)
    chmodSync(stateDir, 0o555)
    expect(readAs(stateDir)).toEqual({ jobs: [jobId] })
    expect(readdirSync(stateDir)).toEqual(before)
  })

  it('can be read while its owner has it open', WAIT, async () => {
    await using ledger = await openLedger(stateDir)
    const second = await ledger.enqueueJob(jobSpec)
    chmodSync(stateDir, 0o555)
    expect(readAs(stateDir)).toEqual({ jobs: [second, jobId] })
  })

  it('that is closed is told as that, and how to open it', WAIT, () => {
    chmodSync(join(stateDir, 'ledger.db'), 0o000)
    expect(readAs(stateDir)).toEqual({
      code: 'LEDGER_UNREADABLE',
      message: expect.stringMatching(/ledger\.db cannot be read: the file is closed to this user\. .*chmod -R a\+r /),
    })
    chmodSync(stateDir, 0o000)
    expect(readAs(stateDir)).toEqual({
      code: 'LEDGER_UNREADABLE',
      message: expect.stringMatching(/cannot be read: its folder is closed to this user\. .*chmod -R a\+rX /),
    })
  })

  it('that a killed job left in the midst of a write is told as that', WAIT, () => {
    leaveLog(stateDir)
    chmodSync(stateDir, 0o555)
    expect(readAs(stateDir)).toEqual({
      code: 'LEDGER_UNREADABLE',
      message: expect.stringMatching(/a job that was killed left it in the midst of a write.* or copy the folder/),
    })
  })
})

/** Leaves the log of a ledger with a change in it, and no index of that, as a machine that has lost its power. */
function leaveLog(stateDir: string): void {
  const script = `import { openLedger } from ${JSON.stringify(LEDGER)}
const ledger = await openLedger(${JSON.stringify(stateDir)})
await ledger.remember('costs', '{}')
process.kill(process.pid, 'SIGKILL')`
  const node = ['--conditions=millrace-source', '--input-type=module', '-e', script]
  expect(spawnSync(process.execPath, node)).toMatchObject({ signal: 'SIGKILL' })
  rmSync(join(stateDir, 'ledger.db-shm'), { force: true })
}
