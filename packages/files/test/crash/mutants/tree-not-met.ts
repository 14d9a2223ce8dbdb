import type { Ledger, Met } from '../../../src/ledger/ledger.ts'
import { aroundLedger } from '../around-ledger.ts'

/** A resumed job goes on with the files that its ledger has as pending, and does not look whether the tree is what it was. */
export function treeNotMet(ledger: Ledger): Ledger {
  let resumed = false
  let handedOn = false
  return aroundLedger(ledger, async (call, proceed, [jobId]) => {
    if (call === 'startJob') {
      const result = await proceed()
      resumed = ((await ledger.job(jobId as string))?.starts ?? 1) > 1
      return result
    }
    if (!resumed) return proceed()
    if (call === 'endDiscovery') return 0
    if (call !== 'meetFiles') return proceed()
    const pending = handedOn ? [] : await ledger.pendingFiles(jobId as string, -1, Number.MAX_SAFE_INTEGER)
    handedOn = true
    const met: Met = { pending, reopened: [], unchanged: 0, unchangedBytes: 0, stillQuarantined: 0, removed: 0 }
    return met
  })
}
