import type { Checkpoint, Ledger } from '../../../src/ledger/ledger.ts'
import { aroundLedger } from '../around-ledger.ts'

/** Checkpoints that are gathered before they are written. */
const GATHERED = 60

/** Says that a checkpoint is durable when it is only noted, and writes many of them together. */
export function acknowledgedEarly(ledger: Ledger): Ledger {
  const waiting: [string, Checkpoint][] = []
  const flush = async () => {
    for (const [jobId, checkpoint] of waiting.splice(0)) await ledger.commit(jobId, checkpoint)
  }
  return aroundLedger(ledger, async (call, proceed, args) => {
    if (call !== 'commit') {
      if (call !== 'meetFiles' && call !== 'endDiscovery') await flush()
      return proceed()
    }
    waiting.push(args as [string, Checkpoint])
    if (waiting.length >= GATHERED) await flush()
    return []
  })
}
