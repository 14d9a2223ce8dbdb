import { expect, test } from 'vitest'
import { entryUrl } from '../src/entry-url.ts'

test.each([
  ['file:///x/src/a/caller.ts', 'file:///x/src/a/walk-thread.ts'],
  ['file:///x/dist/a/caller.js', 'file:///x/dist/a/walk-thread.js'],
  ['file:///x%20y/a/caller.ts?t=1', 'file:///x%20y/a/walk-thread.ts'],
])('beside %s lies %s', (base, url) => {
  expect(entryUrl('./walk-thread', base).href).toBe(url)
})
