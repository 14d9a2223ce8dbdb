import { expect, test } from 'vitest'
import { compileGlobs } from '../../src/discovery/globs.ts'

function matches(globs: readonly string[], path: string): boolean {
  return compileGlobs(globs)?.(path, path.slice(path.lastIndexOf('/') + 1)) ?? false
}

test('no globs are no test', () => {
  expect(compileGlobs([])).toBeNull()
})

test.each([
  ['*.ts', ['a.ts', 'x/y/a.ts', '.a.ts', 'x/.y/a.ts'], ['a.js', 'a.ts/x']],
  ['*.{js,mjs}', ['a.js', 'x/a.mjs'], ['a.cjs']],
  ['dist', ['dist', 'x/dist'], ['dist/a', 'distant']],
  ['dist/', ['dist', 'dist/a', 'x/dist/y/a'], ['distant/a']],
  ['/dist/', ['dist', 'dist/a'], ['x/dist/a']],
  ['./src/', ['src/a', 'src/x/a'], ['x/src/a']],
  ['packages/src/', ['packages/src/a'], ['src/a', 'x/packages/src/a']],
  ['src/*.ts', ['src/a.ts'], ['src/x/a.ts', 'x/src/a.ts', 'a.ts']],
  ['src/**', ['src', 'src/a', 'src/.x/a'], ['x/src/a']],
  ['**/test/**', ['test', 'test/a', 'x/test/a'], ['testing/a']],
  ['/README.md', ['README.md'], ['x/README.md']],
  ['[id].ts', ['[id].ts', 'i.ts', 'x/d.ts'], ['x.ts']],
  ['!(a|b).ts', ['c.ts'], ['a.ts', 'b.ts']],
])('%s', (glob, yes, no) => {
  expect(yes.filter((path) => !matches([glob], path))).toEqual([])
  expect(no.filter((path) => matches([glob], path))).toEqual([])
})

test('any glob of a set will do', () => {
  expect(['a.ts', 'src/a.md', 'a.md'].filter((path) => matches(['*.ts', 'src/*'], path))).toEqual(['a.ts', 'src/a.md'])
})
