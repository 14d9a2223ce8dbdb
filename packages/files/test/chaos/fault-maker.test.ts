import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, it } from 'vitest'
import type { ChaosLine } from '../../src/chaos/chaos-order.ts'
import { FaultMaker } from '../../src/chaos/fault-maker.ts'
import type { Leg } from '../../src/chaos/fault-plan.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that can be killed in place of a worker, and a maker of these faults that is told of it. */
function setUp(faults: Leg) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  children.push(child)
  const made: number[] = []
  const tell = (line: ChaosLine) => {
    if (line.type === 'made') made.push(line.id)
  }
  const maker = new FaultMaker({ root: '/', config: {}, mode: 'run', faults, sizes: {} }, tell)
  const begin = (batchId: number, files = 4) => maker.hear({ type: 'batch-started', batchId, worker: 1, files })
  const commit = (batchId: number, delivered = 4) =>
    maker.hear({ type: 'batch-committed', batchId, worker: 1, delivered, confirmed: 0, quarantined: 0, ms: 1 })
  const stop = () => maker.hear({ type: 'worker-stopped', worker: 1, pid: child.pid!, reason: 'crashed', detail: '' })
  const start = () => maker.hear({ type: 'worker-started', worker: 1, pid: child.pid! })
  start()
  return { made, begin, commit, stop, start }
}

const KILL: Leg = [{ id: 7, kind: 'kill-worker', at: 'begin', afterFiles: 0 }]

it('kills a worker that has shown that it works', () => {
  const { made, begin, commit } = setUp(KILL)
  begin(1)
  expect(made).toEqual([])
  commit(1)
  begin(2)
  expect(made).toEqual([7])
})

it('kills none while it is found out which file another died of', () => {
  const { made, begin, commit, stop, start } = setUp(KILL)
  begin(1)
  commit(1, 2)
  stop()
  start()
  // The rest of the batch, in smaller trust.
  begin(1, 2)
  commit(1, 1)
  begin(1, 1)
  expect(made).toEqual([])
  commit(1, 1)
  begin(2)
  expect(made).toEqual([])
  commit(2)
  begin(3)
  expect(made).toEqual([7])
})

it('kills in the midst of a batch, not after it', () => {
  const { made, begin, commit } = setUp([{ id: 8, kind: 'kill-worker', at: 'midst', afterFiles: 0 }])
  begin(1)
  commit(1)
  expect(made).toEqual([])
  begin(2)
  commit(2, 2)
  expect(made).toEqual([8])
})
