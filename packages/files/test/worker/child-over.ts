import { fileURLToPath } from 'node:url'
import { systemClock } from '@millrace/kernel'
import { onTestFinished } from 'vitest'
import { ChildExecutor, type ChildExecutorOptions } from '../../src/worker/child-executor.ts'

const processorAt = (name: string) => fileURLToPath(new URL(`../fixtures/processors/${name}.ts`, import.meta.url))

const BY_NAME = processorAt('by-name')
export const MISBEHAVING = processorAt('misbehaving')

/** A worker process over `root`, ended with the test. */
export function childOver(root: string, changes: Partial<ChildExecutorOptions> = {}): ChildExecutor {
  const executor = new ChildExecutor({
    clock: systemClock,
    root,
    processors: [BY_NAME],
    base: root,
    maxFileBytes: 1e6,
    heapMb: 64,
    memoryMb: () => 4096,
    deadlineMs: () => 20_000,
    recycleAfterFiles: 100,
    recycleAboveMb: 10_000,
    ...changes,
  })
  onTestFinished(() => executor.close())
  return executor
}
