import fc from 'fast-check'
import picomatch from 'picomatch'
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
  ['**', ['a', 'x/a b', 'a\nb', 'x\n/a\nb'], []],
  ['*.ts', ['a\nb.ts'], ['a.ts\n']],
  ['**/test/**', ['test', 'test/a', 'x/test/a'], ['testing/a']],
  ['/README.md', ['README.md'], ['x/README.md']],
  ['README.md', ['README.md', 'x/README.md'], ['README.md/x', 'README.mdx']],
  ['src/a.ts', ['src/a.ts'], ['x/src/a.ts', 'a.ts', 'src/a.ts/b']],
  ['[id].ts', ['[id].ts', 'i.ts', 'x/d.ts'], ['x.ts']],
  ['!(a|b).ts', ['c.ts'], ['a.ts', 'b.ts']],
])('%s', (glob, yes, no) => {
  expect(yes.filter((path) => !matches([glob], path))).toEqual([])
  expect(no.filter((path) => matches([glob], path))).toEqual([])
})

test('any glob of a set will do', () => {
  expect(['a.ts', 'src/a.md', 'a.md'].filter((path) => matches(['*.ts', 'src/*'], path))).toEqual(['a.ts', 'src/a.md'])
})

const segment = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', ' ', '@'), minLength: 1, maxLength: 3 })
const plainPath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

/** A glob without wildcards is looked up and not run as a pattern; it must mean what the pattern means. */
function meansWhatThePatternMeans(test: (glob: string, path: string) => boolean) {
  const cases = fc.tuple(plainPath, fc.option(plainPath)).filter(([glob]) => !/(^|\/)\.{1,2}(\/|$)/.test(glob))
  return fc.property(cases, ([glob, other]) => {
    const path = other ?? glob
    const subject = glob.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1)
    expect(test(glob, path)).toBe(picomatch(glob, { dot: true })(subject))
  })
}

test('a glob without wildcards means what it says', () => {
  fc.assert(
    meansWhatThePatternMeans((glob, path) => matches([glob], path)),
    { seed: 1 },
  )
})

test('the property fails where only names are looked up', () => {
  const byName = (glob: string, path: string) => matches([glob.slice(glob.lastIndexOf('/') + 1)], path)
  expect(fc.check(meansWhatThePatternMeans(byName), { seed: 1, numRuns: 1000 }).failed).toBe(true)
})
