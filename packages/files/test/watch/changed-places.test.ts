import { expect, test } from 'vitest'
import { changedPlaces } from '../../src/watch/changed-places.ts'

const rules = { fewPaths: 3, gitignore: true, followSymlinks: false }

test.each([
  ['files', ['a.ts', 'b/c.ts'], ['a.ts', 'b/c.ts']],
  ['rules, which hold in their folder', ['a/b/.gitignore', 'c.ts'], ['a/b', 'c.ts']],
  ['what is only called like rules', ['a/.gitignored', '.gitignore.ts'], ['a/.gitignored', '.gitignore.ts']],
  ['a name that is not UTF-8', ['a/b/\ufffd/c.ts'], ['a/b']],
])('%s', (_, changed, places) => {
  expect(changedPlaces(new Set(changed), rules)).toEqual(places)
})

test.each([
  ['nobody knows what', ['']],
  ['nothing that is known', []],
  ['many files', ['a', 'b', 'c', 'd']],
  ['rules for all', ['a.ts', '.gitignore']],
  ['a name in the root that is not UTF-8', ['\ufffd.ts']],
])('%s: everywhere', (_, changed) => {
  expect(changedPlaces(new Set(changed), rules)).toBeUndefined()
})

test('rules that nobody heeds are a file; where links are followed, a change may show elsewhere', () => {
  const changed = new Set(['a/.gitignore'])
  expect(changedPlaces(changed, { ...rules, gitignore: false })).toEqual(['a/.gitignore'])
  expect(changedPlaces(changed, { ...rules, followSymlinks: true })).toBeUndefined()
})
