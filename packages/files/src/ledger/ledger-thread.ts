import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { LedgerMethod, LedgerReply, LedgerRequest, LedgerThreadData } from './ledger-protocol.ts'
import { packError } from './ledger-protocol.ts'
import { packMet, unpackFound } from './meet-wire.ts'
import { openDatabase } from './open-database.ts'
import { neverOwned, OwnerLock } from './owner-lock.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { SqliteLedger } from './sqlite-ledger.ts'

// The thread of a ledger: it answers each call when its effect is durable, one after the other. Its first message says that the
// ledger is open, or why not.

const { stateDir, readonly } = workerData as LedgerThreadData
const file = join(stateDir, 'ledger.db')

function answer(work: () => unknown): void {
  let reply: LedgerReply
  try {
    reply = { value: work() }
  } catch (error) {
    reply = { failure: packError(sqliteFailure(error, file)) }
  }
  parentPort?.postMessage(reply)
}

answer(() => {
  const ownership = readonly ? neverOwned(file) : new OwnerLock(stateDir)
  const ledger = new SqliteLedger(openDatabase(stateDir, readonly), ownership)
  const calls: Record<LedgerMethod | 'close', (...args: never[]) => unknown> = ledger
  const call = (request: LedgerRequest): unknown => {
    if (request.method !== 'meetPacked') return calls[request.method].call(ledger, ...(request.args as never[]))
    const [jobId, wire, options] = request.args
    const found = unpackFound(wire)
    return packMet(found, ledger.meetFiles(jobId, found, options))
  }
  parentPort?.on('message', (request: LedgerRequest) => {
    answer(() => call(request))
    if (request.method === 'close') parentPort?.close()
  })
})
