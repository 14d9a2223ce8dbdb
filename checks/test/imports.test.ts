import { expect, test } from 'vitest'
import { imports } from '../imports.ts'
import { fixture } from './fixture.ts'

test('passes on a house in order', async () => {
  expect(await imports(fixture('imports/clean'))).toEqual({ summary: '6 modules in 3 packages', problems: [] })
})

test.each([
  ['sideways', ["packages/files/src/index.ts:1 '@millrace/pulse' goes from a system to a system"]],
  [
    'upwards',
    [
      "packages/kernel/src/index.ts:1 '@millrace/files' is a dependency; the kernel has none",
      "packages/pulse/src/index.ts:1 '@millrace/files' goes from a system to a system",
    ],
  ],
  ['by-path', ["packages/files/src/index.ts:1 '../../kernel/src/index.ts' reaches out of its package by path"]],
  ['deep-path', ["packages/files/src/index.ts:1 '@millrace/kernel/src/index.ts' is a deep path"]],
  ['unlisted', ["packages/files/src/index.ts:1 'vitest' is not listed in the dependencies of packages/files"]],
  ['kernel-builtin', ["packages/kernel/src/index.ts:1 'node:perf_hooks' is a Node builtin"]],
  ['kernel-dependency', ["packages/kernel/src/index.ts:1 'listed' is a dependency; the kernel has none"]],
  ['leaves-src', ["packages/files/src/index.ts:1 '../test/part.ts' leaves src"]],
  [
    'circle',
    ['circle: packages/files/src/a.ts → packages/files/src/b.ts → packages/files/src/c.ts → packages/files/src/a.ts'],
  ],
  ['type-circle', ['circle: packages/files/src/a.ts → packages/files/src/b.ts → packages/files/src/a.ts']],
  ['empty', ['No module was read']],
])('fails on %s', async (name, expected) => {
  const { problems } = await imports(fixture(`imports/${name}`))
  expect([...problems].sort()).toEqual(expected.map((problem) => expect.stringContaining(problem)))
})
