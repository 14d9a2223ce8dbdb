import { MillraceError } from '@millrace/kernel'
import { describe, expect, test } from 'vitest'
import { exhaustedLedger, exhaustedRead, exhaustedStart } from '../../src/dispatch/exhaustion.ts'
import { Starvation } from '../../src/dispatch/starvation.ts'
import type { ExecutorReport, FileFailed } from '../../src/worker/executor.ts'

const ledgerError = (detail: Record<string, unknown>, cause?: unknown) =>
  new MillraceError('LEDGER_WRITE_FAILED', 'no', { detail, cause })
const systemError = (code: string) => Object.assign(new Error(code), { code })

function failed(index: number, code: string): FileFailed {
  const evidence = { code, path: `f${index}` }
  return { index, code: 'FILE_READ_FAILED', message: code, transient: true, ms: 1, evidence }
}

describe('what ran out', () => {
  test('a full or failing disk under the ledger is waited for, with a sentence that names it', () => {
    expect(exhaustedLedger(ledgerError({ sqlite: 13, file: '/s/ledger.db' }))).toBe(
      'The disk of the ledger is full (/s/ledger.db); the job goes on by itself when that has passed',
    )
    expect(exhaustedLedger(ledgerError({ sqlite: 778 }))).toContain('does not answer')
    for (const code of ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']) {
      expect(exhaustedLedger(systemError(code))).toContain(code)
      expect(exhaustedLedger(ledgerError({ code }))).toContain(code)
      expect(exhaustedLedger(ledgerError({}, systemError(code)))).toContain(code)
    }
  })

  test('what a ledger elsewhere says that may pass is waited for', () => {
    const error = new MillraceError('LEDGER_UNREACHABLE', 'no', { detail: { patience: 'It does not answer' } })
    expect(exhaustedLedger(error)).toBe('It does not answer; the job goes on by itself when that has passed')
    expect(exhaustedLedger(new MillraceError('LEDGER_READ_ONLY', 'no'))).toBe(undefined)
  })

  test('a failed fsync is final, and so is what has nothing to do with it', () => {
    for (const error of [
      ledgerError({ sqlite: 1034 }),
      ledgerError({ sqlite: 1290 }),
      ledgerError({ sqlite: 11 }),
      new MillraceError('LEDGER_CONFLICT', 'no'),
      systemError('EACCES'),
      new Error('no'),
      'no',
    ]) {
      expect(exhaustedLedger(error)).toBe(undefined)
    }
  })

  test('a worker that does not start lacks something only where the system says so', () => {
    for (const code of ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']) {
      expect(exhaustedStart(new MillraceError('WORKER_START_FAILED', 'no', { detail: { code } }))).toContain(code)
      expect(exhaustedStart(systemError(code))).toContain(code)
    }
    expect(exhaustedStart(new MillraceError('WORKER_START_FAILED', 'no', { detail: { exitCode: 1 } }))).toBe(undefined)
    expect(exhaustedStart(new MillraceError('PROCESSOR_LOAD_FAILED', 'no', { detail: { code: 'EMFILE' } }))).toBe(
      undefined,
    )
  })

  test('a file that is not read lacks something only where that is why', () => {
    expect(exhaustedRead(failed(0, 'EMFILE'))).toContain('EMFILE, at f0')
    expect(exhaustedRead({ ...failed(0, 'EIO'), evidence: { code: 'EIO' } })).toContain('(EIO)')
    expect(exhaustedRead(failed(0, 'EBUSY'))).toBe(undefined)
    expect(exhaustedRead({ ...failed(0, 'EMFILE'), code: 'PROCESSOR_FAILED' })).toBe(undefined)
    expect(exhaustedRead({ ...failed(0, 'EMFILE'), transient: false })).toBe(undefined)
  })
})

describe('Starvation', () => {
  const files = ['a', 'b', 'c', 'd']
  const report = (...all: FileFailed[]): ExecutorReport => ({
    assignmentId: 1,
    delivered: [],
    confirmed: [],
    failed: all,
    next: 4,
    highlights: [],
  })

  test('counts files in a row, each once', () => {
    const starvation = new Starvation<string>()
    expect(starvation.error).toBe(undefined)
    starvation.take(files, report(failed(0, 'EMFILE'), failed(1, 'ENFILE')))
    starvation.take(files, report(failed(1, 'EMFILE')))
    expect(starvation.files).toBe(2)
    expect(starvation.anyRead).toBe(false)
    expect(starvation.error).toMatchObject({ code: 'FILE_READ_FAILED', detail: { code: 'EMFILE', path: 'f1' } })
  })

  test('a file that was read ends the row, whatever came of it', () => {
    const starvation = new Starvation<string>()
    starvation.take(files, report(failed(0, 'EMFILE')))
    starvation.take(
      files,
      report(failed(1, 'EMFILE'), { ...failed(2, ''), code: 'PROCESSOR_FAILED' }, failed(3, 'EIO')),
    )
    expect(starvation.files).toBe(1)
    expect(starvation.anyRead).toBe(true)
    starvation.take(files, { ...report(), confirmed: [{ index: 0, ms: 1, bytes: 1, stamp: null }] })
    expect(starvation.files).toBe(0)
  })
})
