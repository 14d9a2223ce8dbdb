import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { describe, expect, test } from 'vitest'
import type { Renewal } from '../../src/engine/renew-export.ts'
import { LaterExport } from '../../src/watch/later-export.ts'

/** Exports that take as long as they are let, and what was told of them. */
function scene() {
  const clock = new VirtualClock()
  const begun: { readonly jobId: string; readonly end: (renewal: Renewal | Error) => void }[] = []
  const told: string[] = []
  const output = new LaterExport({
    clock,
    maxWaitMs: 10_000,
    renew: (jobId, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => resolve(undefined))
        begun.push({ jobId, end: (renewal) => (renewal instanceof Error ? reject(renewal) : resolve(renewal)) })
      }),
    onSuperseded: () => told.push('superseded'),
    onFailure: () => told.push('failed'),
  })
  const pass = async (ms: number) => {
    clock.advance(ms)
    for (let n = 0; n < 10; n++) await Promise.resolve()
  }
  return { clock, begun, told, output, pass }
}

describe('LaterExport', () => {
  test('writes what is owed, later by as much as the one before took', async () => {
    const { begun, output, pass } = scene()
    output.owe('1')
    await pass(0)
    expect(begun.map(({ jobId }) => jobId)).toEqual(['1'])
    await pass(400)
    begun[0]!.end('done')
    await pass(0)
    expect(output.owed).toBe(false)
    output.owe('2')
    await pass(399)
    expect(begun).toHaveLength(1)
    await pass(1)
    expect(begun.map(({ jobId }) => jobId)).toEqual(['1', '2'])
  })

  test('makes way for a run, and not for ever', async () => {
    const { begun, output, pass } = scene()
    output.owe('0')
    for (let n = 1; n <= 10; n++) {
      await pass(1000)
      if (n === 10) break
      await output.stepAside()
      output.owe(String(n))
    }
    await pass(0)
    const overdue = output.stepAside()
    await pass(0)
    let isOver = false
    void overdue.then(() => {
      isOver = true
    })
    await pass(0)
    expect(isOver).toBe(false)
    begun.at(-1)!.end('done')
    await overdue
    expect(begun.at(-1)!.jobId).toBe('9')
    expect(output.owed).toBe(false)
  })

  test('writes what is owed at the end, though it was about to wait or was broken off', async () => {
    const { begun, output, pass } = scene()
    output.owe('1')
    await pass(0)
    await output.stepAside()
    output.owe('2')
    const finished = output.finish()
    await pass(0)
    expect(begun.map(({ jobId }) => jobId)).toEqual(['1', '2'])
    begun[1]!.end('done')
    await finished
    await output.finish()
    expect(begun).toHaveLength(2)
  })

  test('asks again for a ledger that another has, and leaves a tree that another has been over to a run', async () => {
    const { begun, told, output, pass } = scene()
    output.owe('1')
    await pass(0)
    begun[0]!.end('owned')
    await pass(0)
    await pass(1999)
    expect(begun).toHaveLength(1)
    await pass(1)
    expect(begun).toHaveLength(2)
    begun[1]!.end('superseded')
    await pass(5000)
    expect([begun.length, told, output.owed]).toEqual([2, ['superseded'], true])
  })

  test('tells of a failure at once, and throws it', async () => {
    const { begun, told, output, pass } = scene()
    output.owe('1')
    await pass(0)
    begun[0]!.end(new Error('disk full'))
    await pass(0)
    expect(told).toEqual(['failed'])
    expect(() => output.throwIfFailed()).toThrow('disk full')
    await expect(output.stepAside()).rejects.toThrow('disk full')
    await expect(output.finish()).rejects.toThrow('disk full')
    expect(begun).toHaveLength(1)
  })
})
