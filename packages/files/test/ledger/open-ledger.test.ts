import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { MillraceError } from '@millrace/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { byStamp, chunk, foundFiles, jobSpec, owner, temporaryFolder } from './samples.ts'

let folder: ReturnType<typeof temporaryFolder>
let stateDir: string

beforeEach(() => {
  folder = temporaryFolder()
  stateDir = join(folder.path, 'state')
})
afterEach(() => folder[Symbol.dispose]())

describe('openLedger', () => {
  it('tells why a ledger cannot be opened, as the error it is', async () => {
    const failure = await openLedger(stateDir, { readonly: true }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MillraceError)
    expect(failure).toMatchObject({ code: 'LEDGER_MISSING', detail: { stateDir } })
    writeFileSync(stateDir, '')
    await expect(openLedger(stateDir)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE', detail: { reason: 'EEXIST' } })
  })

  it('takes a folder and an option that is true or false, nothing else', async () => {
    await expect(openLedger('')).rejects.toMatchObject({ code: 'OPTION_INVALID', detail: { value: '' } })
    const readonly = 'yes' as unknown as boolean
    await expect(openLedger(stateDir, { readonly })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('yes'),
    })
  })

  it('reads while another writes, and writes nothing itself', async () => {
    await using writer = await openLedger(stateDir)
    await writer.tryOwn()
    const jobId = await writer.enqueueJob(jobSpec)
    await writer.startJob(jobId, owner, 1)
    await using reader = await openLedger(stateDir, { readonly: true })
    await writer.meetFiles(jobId, chunk(foundFiles(3)), byStamp)
    expect(await reader.books(jobId)).toMatchObject({ discovered: 3 })
    await expect(reader.remember('costs', '{}')).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' })
    await expect(reader.tryOwn()).rejects.toMatchObject({ code: 'LEDGER_NOT_OWNED' })
    await expect(reader.endDiscovery(jobId)).rejects.toMatchObject({ code: 'LEDGER_NOT_OWNED' })
  })
})

describe('a ledger in trouble', () => {
  it('keeps what was acknowledged when the disk takes no more, and says so', async () => {
    const child = fileURLToPath(new URL('./committing-child.ts', import.meta.url))
    const node = [process.execPath, '--conditions=millrace-source', child, stateDir, '40']
      .map((part) => `'${part}'`)
      .join(' ')
    // No file of this process may pass 2 MB, in blocks of 1 KB: to SQLite a disk that fails.
    const { stdout, stderr } = spawnSync('bash', ['-c', `ulimit -f 2048; exec ${node}`], {
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect(stderr).toContain('LEDGER_WRITE_FAILED')
    const acknowledged = stdout.split('\n').filter((line) => line !== '').length
    expect(acknowledged).toBeGreaterThan(0)
    await using ledger = await openLedger(stateDir)
    const batches = await ledger.batches((await ledger.job())!.jobId)
    expect(batches.filter(({ complete, delivered }) => complete && delivered === 39)).toHaveLength(acknowledged)
  })

  it('refuses what was under way and all that comes after when its thread dies', async () => {
    const started = Promise.withResolvers<Worker>()
    process.once('worker', started.resolve)
    const ledger = await openLedger(stateDir)
    const underWay = Promise.allSettled(Array.from({ length: 500 }, () => ledger.enqueueJob(jobSpec)))
    await (await started.promise).terminate()
    const fates = await underWay
    expect(fates.at(-1)).toMatchObject({ reason: { code: 'LEDGER_THREAD_DIED' } })
    await expect(ledger.jobs()).rejects.toMatchObject({ code: 'LEDGER_THREAD_DIED' })
    await ledger.close()
  })

  it('gives an error that is no answer of the ledger as it is', async () => {
    await using ledger = await openLedger(stateDir)
    const notCloneable = { ...jobSpec, config: (() => '') as unknown as string }
    await expect(ledger.enqueueJob(notCloneable)).rejects.toThrow('could not be cloned')
    const notText = { ...jobSpec, config: [] as unknown as string }
    await expect(ledger.enqueueJob(notText)).rejects.toThrow(TypeError)
    expect(await ledger.jobs()).toEqual([])
  })

  it('lets the process end when somebody forgot to close it', () => {
    const opener = new URL('../../src/ledger/open-ledger.ts', import.meta.url)
    const script = `const { openLedger } = await import('${opener}'); await openLedger('${stateDir}'); console.log('open')`
    const entry = join(folder.path, 'forgetful.mjs')
    writeFileSync(entry, script)
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=millrace-source', entry], {
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'open\n', stderr: '' })
  })
})
