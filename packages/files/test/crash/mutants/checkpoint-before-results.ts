import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkpoint, Ledger } from '../../../src/ledger/ledger.ts'
import type { ResultRow } from '../../../src/sink/sink.ts'
import { aroundLedger } from '../around-ledger.ts'
import type { VariantPlaces } from './variant-places.ts'

/** Settles a batch's files in one transaction, and puts their results in a second place after it. */
export function checkpointBeforeResults(ledger: Ledger, { stateDir }: VariantPlaces): Ledger {
  const place = join(stateDir, 'results.ndjson')
  return aroundLedger(ledger, async (call, proceed, args) => {
    if (call === 'commit') {
      const [jobId, checkpoint] = args as [string, Checkpoint]
      const deliveries = checkpoint.deliveries.map((delivery) => ({ ...delivery, record: '{}' }))
      const passedOver = await ledger.commit(jobId, { ...checkpoint, deliveries })
      appendFileSync(place, checkpoint.deliveries.map(({ record }) => `${record}\n`).join(''))
      return passedOver
    }
    if (call !== 'results') return proceed()
    const records = new Map(linesOf(place).map((line) => [(JSON.parse(line) as { path: string }).path, line]))
    const rows = (await proceed()) as readonly ResultRow[]
    return rows.map((row) => ({ ...row, record: records.get(row.path) ?? row.record }))
  })
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}
