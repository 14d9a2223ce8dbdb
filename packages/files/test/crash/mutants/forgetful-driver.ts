import { readFileSync, writeSync } from 'node:fs'
import type { ChaosOrder } from '../../../src/chaos/chaos-order.ts'
import { driveEngine } from '../../../src/chaos/drive-engine.ts'
import { openLedger } from '../../../src/ledger/open-ledger.ts'
import { resolveSink } from '../../../src/sink/resolve-sink.ts'
import { aroundLedger } from '../around-ledger.ts'

/** An engine that leaves one result out of the output once a job was started twice. */
const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ChaosOrder
let wasKilled = false
const jsonl = resolveSink('jsonl')
const sink: typeof jsonl = {
  ...jsonl,
  name: 'forgetful',
  async open(target) {
    const writer = await jsonl.open(target)
    return {
      write: (rows) => writer.write(wasKilled ? rows.slice(1) : rows),
      commit: () => writer.commit(),
      abort: () => writer.abort(),
    }
  },
}
await driveEngine(
  { ...order, config: { ...order.config, sink } },
  (line) => void writeSync(3, `${JSON.stringify(line)}\n`),
  {
    openLedger: async (stateDir) => {
      const ledger = await openLedger(stateDir)
      return aroundLedger(ledger, async (call, proceed) => {
        if (call === 'results') wasKilled = (await ledger.jobs()).some(({ starts }) => starts > 1)
        return proceed()
      })
    },
  },
)
