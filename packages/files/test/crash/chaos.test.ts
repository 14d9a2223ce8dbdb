import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runChaos } from '../../src/chaos/run-chaos.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { plantTree } from './seeded-tree.ts'

const AT_FAULT = fileURLToPath(new URL('../fixtures/processors/at-fault.ts', import.meta.url))
const FORGETFUL = new URL('./mutants/forgetful-driver.ts', import.meta.url)
/** Against hangs: each takes a few seconds. */
const BOUND_MS = 240_000

function planted(files: number, more: Readonly<Record<string, string>> = {}): string {
  const dir = join(temporaryFolder(), 'tree')
  plantTree(dir, { seed: 12, files, broken: 0, json: false })
  return writeTree(dir, more)
}

describe('a processor that is tried by chaos', { timeout: BOUND_MS }, () => {
  it('is sound, and nothing is lost, however often everything is killed', async () => {
    const options = { processors: [AT_FAULT], dir: planted(80), seed: 3, kills: 4, deadlineSeconds: 2 }
    const report = await runChaos(options)
    expect(report).toMatchObject({ losses: [], faults: [], verdict: 'sound', identical: true, files: 80 })
    expect(report.books).toEqual({ discovered: 80, delivered: 80, quarantined: 0, excluded: 0 })
    const kills = report.disturbances.filter(({ kind }) => kind.startsWith('kill'))
    expect(kills.reduce((sum, { made }) => sum + made, 0)).toBe(4)
    expect(report.starts).toBeGreaterThan(1)
  })

  it('is named with the files at which it is not deterministic, crashes, hangs or leaks', async () => {
    const faulty = { 'random-1.js': '1', 'crash-2.js': '2', 'hang-3.js': '3', 'keep-4.js': '4' }
    const options = {
      processors: [AT_FAULT],
      dir: planted(40, faulty),
      seed: 4,
      kills: 1,
      workers: 1,
      deadlineSeconds: 1,
    }
    const report = await runChaos(options)
    expect(report.losses).toEqual([])
    expect(report.verdict).toBe('faulty')
    const found = report.faults.map(({ kind, path, processor }) => [kind, path, processor])
    expect(new Set(found)).toEqual(
      new Set([
        ['not-deterministic', 'random-1.js', 'at-fault@2'],
        ['crash', 'crash-2.js', 'at-fault@2'],
        ['hang', 'hang-3.js', 'at-fault@2'],
        ['leak', 'keep-4.js', 'at-fault@2'],
      ]),
    )
  })

  it('an engine that loses a file when it was killed is found out', async () => {
    const options = { processors: [AT_FAULT], dir: planted(30), seed: 5, kills: 2, workers: 1, deadlineSeconds: 1 }
    const { verdict, losses, identical } = await runChaos(options, { driver: FORGETFUL })
    expect(verdict).toBe('lost')
    expect(identical).toBe(false)
    expect(losses).toContainEqual(expect.objectContaining({ kind: 'lost', run: 'disturbed' }))
    expect(losses.filter(({ run }) => run !== 'disturbed')).toEqual([])
  })
})
