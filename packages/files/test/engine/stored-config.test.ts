import { expect, test } from 'vitest'
import { restoreConfig, storeConfig } from '../../src/engine/stored-config.ts'
import { defineBatchStrategy } from '../../src/plan/batch-strategy.ts'

test('what was stored comes back, with the own options on top', () => {
  const json = storeConfig(
    { workerCount: 3, discover: { include: ['*.ts'] }, priority: [{ priority: 2, glob: 'a' }] },
    '/base',
  )
  expect(restoreConfig('j', json, { workerCount: 5 })).toEqual({
    base: '/base',
    config: { workerCount: 5, discover: { include: ['*.ts'] }, priority: [{ priority: 2, glob: 'a' }] },
  })
})

test('code cannot be stored: it is asked for by name', () => {
  const strategy = defineBatchStrategy({ name: 'mine', plan: () => [] })
  const json = storeConfig({ strategy, priority: () => 1 }, '/base')
  expect(() => restoreConfig('20261121-001', json, {})).toThrow(
    expect.objectContaining({
      code: 'RESUME_NEEDS_OPTION',
      message: expect.stringMatching(/20261121-001 .* strategy .*mine|20261121-001 .* priority/),
    }),
  )
  const restored = restoreConfig('j', json, { strategy, priority: () => 2 })
  expect(restored.config.strategy).toBe(strategy)
})

test('a sink that is named is stored, one that is code is not', () => {
  expect(restoreConfig('j', storeConfig({ sink: null }, '/'), {}).config.sink).toBeNull()
  expect(restoreConfig('j', storeConfig({ sink: 'jsonl' }, '/'), {}).config.sink).toBe('jsonl')
  const sink = { name: 'table', extension: '.t', open: () => ({ write() {}, commit() {}, abort() {} }) }
  expect(() => restoreConfig('j', storeConfig({ sink }, '/'), {})).toThrow(/a sink of its own \(table\)/)
})
