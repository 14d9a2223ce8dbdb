import { MillraceError } from '@millrace/kernel/errors'
import type { FileFailed } from '../worker/executor.ts'

/**
 * What ran out and may come back, by the operating system's name for it. Which of them an error may have depends on what failed: a
 * ledger runs out of disk, a reader of descriptors.
 */
const LEDGER_WANTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk of the ledger is full',
  EDQUOT: 'The quota of the disk of the ledger is used up',
  EIO: 'The disk of the ledger does not answer',
  EMFILE: 'This process is out of file descriptors',
  ENFILE: 'The system is out of file descriptors',
  ENOMEM: 'The system is out of memory',
}
const READ_WANTS: Readonly<Record<string, string>> = {
  EIO: 'The disk of the files does not answer',
  EMFILE: 'The workers are out of file descriptors',
  ENFILE: 'The system is out of file descriptors',
  ENOMEM: 'The system is out of memory',
}
const START_WANTS: Readonly<Record<string, string>> = {
  EAGAIN: 'The system grants no further process',
  EMFILE: 'This process is out of file descriptors',
  ENFILE: 'The system is out of file descriptors',
  ENOMEM: 'The system is out of memory',
}

/** Result codes of SQLite, https://sqlite.org/rescode.html. */
const SQLITE = { IOERR: 10, FULL: 13, IOERR_FSYNC: 1034, IOERR_DIR_FSYNC: 1290 }

/**
 * What a commit lacked, as a sentence; undefined where trying again is no way out.
 *
 * A failed fsync is final: the kernel may have marked the pages clean and dropped them, so that the next fsync succeeds without
 * them ("PostgreSQL's fsync() surprise", LWN, 2018). Only a new start reads what is on the disk.
 */
export function exhaustedLedger(error: unknown): string | undefined {
  // A ledger elsewhere knows by itself what may pass.
  if (error instanceof MillraceError && typeof error.detail.patience === 'string') return goesOn(error.detail.patience)
  if (error instanceof MillraceError && error.code === 'LEDGER_WRITE_FAILED') {
    const { sqlite, file } = error.detail
    const at = typeof file === 'string' ? ` (${file})` : ''
    if (sqlite === SQLITE.IOERR_FSYNC || sqlite === SQLITE.IOERR_DIR_FSYNC) return undefined
    if (sqlite === SQLITE.FULL) return goesOn(`${LEDGER_WANTS.ENOSPC}${at}`)
    if (typeof sqlite === 'number' && (sqlite & 0xff) === SQLITE.IOERR) return goesOn(`${LEDGER_WANTS.EIO}${at}`)
  }
  return wanted(LEDGER_WANTS, systemCode(error))
}

/** What a worker lacked for its start, as a sentence; undefined where it failed for another reason. */
export function exhaustedStart(error: unknown): string | undefined {
  if (error instanceof MillraceError && error.code !== 'WORKER_START_FAILED') return undefined
  return wanted(START_WANTS, systemCode(error))
}

/** What a worker lacked to read a file, as a sentence; undefined where the file failed for another reason. */
export function exhaustedRead({ code, evidence, transient }: Omit<FileFailed, 'index' | 'ms'>): string | undefined {
  if (code !== 'FILE_READ_FAILED' || !transient) return undefined
  return wanted(READ_WANTS, evidence.code, typeof evidence.path === 'string' ? evidence.path : undefined)
}

function wanted(wants: Readonly<Record<string, string>>, code: unknown, path?: string): string | undefined {
  if (typeof code !== 'string' || !Object.hasOwn(wants, code)) return undefined
  return goesOn(`${wants[code]} (${path === undefined ? code : `${code}, at ${path}`})`)
}

function goesOn(what: string): string {
  return `${what}; the job goes on by itself when that has passed`
}

function systemCode(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  const own = error instanceof MillraceError ? error.detail.code : (error as { code?: unknown }).code
  return own ?? systemCode(error.cause)
}
