import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../src/make-folder.ts'
import { temporaryFolder } from './ledger/samples.ts'

test('makes a folder with those it lies in, and leaves one that is there', () => {
  using folder = temporaryFolder()
  const deep = join(folder.path, 'a', 'b', 'c')
  makeFolder(deep)
  expect(statSync(deep).isDirectory()).toBe(true)
  makeFolder(deep)
  makeFolder(`${deep}/`)
})

test('a file in the way is told', () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow(/EEXIST/)
  expect(() => makeFolder(join(file, 'a'))).toThrow(/EEXIST/)
})

// There `mkdir` with `recursive` goes on for ever.
test.skipIf(!existsSync('/proc/self'))('a file system that makes none is told', () => {
  expect(() => makeFolder('/proc/millrace/state')).toThrow(/ENOENT/)
})
