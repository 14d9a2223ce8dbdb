import type { EngineEvent } from '../../src/engine/events.ts'
import { BatchProcessingEngine } from '../../src/files.ts'

/** A watch that kills its own process, as JSON in the first argument. */
export interface WatchOrder {
  readonly root: string
  readonly stateDir: string
  readonly out: string
  /** At the n-th such event after the first run. */
  readonly kill: { readonly at: EngineEvent['type']; readonly n: number }
}

const { root, stateDir, out, kill } = JSON.parse(process.argv[2]!) as WatchOrder
await using engine = new BatchProcessingEngine({ stateDir, out, workerCount: 1 })
let left = Number.POSITIVE_INFINITY
engine.events.subscribe(({ type }) => {
  if (type === kill.at && --left === 0) process.kill(process.pid, 'SIGKILL')
})
for await (const { changes } of engine.watch(root, {}, { quietMs: 30 })) {
  if (changes === 0) left = kill.n
  process.send?.(changes)
}
