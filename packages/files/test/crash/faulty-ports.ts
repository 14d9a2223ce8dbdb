import { fork } from 'node:child_process'
import { open, rename, rm } from 'node:fs/promises'
import { type Clock, MillraceError, systemClock } from '@millrace/kernel'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { jsonlOn } from '../../src/sink/jsonl.ts'
import type { Sink } from '../../src/sink/sink.ts'
import type { ForkProcess } from '../../src/worker/worker-process-group.ts'
import { aroundLedger, type LedgerCall } from './around-ledger.ts'

/** SQLite's codes: the disk is full; a sync failed. https://sqlite.org/rescode.html */
export const FULL = 13
export const FSYNC = 1034

/** A fault of a port: at the `n`-th call, from 1, and so many times in all. */
export interface Fault {
  readonly n: number
  readonly times: number
}

/** Whether the call that comes now fails. */
function failing({ n, times }: Fault): () => boolean {
  let calls = 0
  return () => {
    calls++
    return calls >= n && calls < n + times
  }
}

/** A ledger on a disk that refuses calls of one kind. */
export function faultyLedger(call: LedgerCall, fault: Fault, sqlite: number): (stateDir: string) => Promise<Ledger> {
  const fails = failing(fault)
  return async (stateDir) =>
    aroundLedger(await openLedger(stateDir), async (called, proceed) => {
      if (called !== call || !fails()) return proceed()
      throw new MillraceError('LEDGER_WRITE_FAILED', `The ledger in ${stateDir} could not be written (injected).`, {
        detail: { sqlite },
      })
    })
}

/** Counts the calls that an engine makes. */
export function countingLedger(counts: Map<LedgerCall, number>): (stateDir: string) => Promise<Ledger> {
  return async (stateDir) =>
    aroundLedger(await openLedger(stateDir), async (call, proceed) => {
      counts.set(call, (counts.get(call) ?? 0) + 1)
      return proceed()
    })
}

/** A system that starts no process, for lack of `code`. */
export function faultyFork(code: 'EMFILE' | 'EAGAIN' | 'ENOMEM', fault: Fault): ForkProcess {
  const fails = failing(fault)
  return (entry, args, options) => {
    if (fails()) throw Object.assign(new Error(`spawn ${code}`), { code, syscall: 'spawn' })
    return fork(entry, args, options)
  }
}

/** What an export does to the disk, in this order. */
export type DiskStep = 'writeFile' | 'sync' | 'rename'

/** Exports to a disk that is full when it comes to a step. */
export function faultySink(step: DiskStep): Sink {
  const full = async (): Promise<never> => {
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${step}`), { code: 'ENOSPC' })
  }
  return jsonlOn({
    rm,
    rename: step === 'rename' ? full : rename,
    open: async (path, flags) => Object.assign(await open(path, flags), step !== 'rename' && { [step]: full }),
  })
}

/** Shorter waits, for jobs that wait for better times. */
export function hurriedClock(speed: number): Clock {
  return {
    now: () => systemClock.now() * speed,
    wallNow: () => systemClock.wallNow(),
    after: (ms, callback) => systemClock.after(ms / speed, callback),
  }
}

const YEAR_MS = 365 * 86_400_000

/** The wall clock is a year ahead at one look and a year behind at the next. */
export function jumpingClock(): Clock {
  let ahead = false
  return {
    ...systemClock,
    wallNow() {
      ahead = !ahead
      return systemClock.wallNow() + (ahead ? YEAR_MS : -YEAR_MS)
    },
  }
}
