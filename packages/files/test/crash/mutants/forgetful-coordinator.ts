import { readFileSync, writeSync } from 'node:fs'
import type { ChaosOrder } from '../../../src/chaos/chaos-order.ts'
import { driveEngine } from '../../../src/chaos/drive-engine.ts'
import { openPostgresLedger } from '../../../src/cluster/index.ts'
import { resolveSink } from '../../../src/sink/resolve-sink.ts'

/** A coordinator that leaves one result out of the output once a job over its ledger was started twice. */
const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ChaosOrder
const jsonl = resolveSink('jsonl')
const sink: typeof jsonl = {
  ...jsonl,
  name: 'forgetful',
  async open(target) {
    const writer = await jsonl.open(target)
    const wasKilled = await wasStartedTwice()
    return {
      write: (rows) => writer.write(wasKilled ? rows.slice(1) : rows),
      commit: () => writer.commit(),
      abort: () => writer.abort(),
    }
  },
}

async function wasStartedTwice(): Promise<boolean> {
  if (order.ledger === undefined) return false
  await using ledger = await openPostgresLedger({ ...order.ledger, readonly: true })
  return (await ledger.jobs()).some(({ starts }) => starts > 1)
}

await driveEngine(
  { ...order, config: { ...order.config, sink } },
  (line) => void writeSync(3, `${JSON.stringify(line)}\n`),
)
