import picomatch from 'picomatch'

/** Whether a glob of the set matches a file or folder, given its path below the root and its name. */
export type GlobTest = (path: string, name: string) => boolean

/** With `s` a wildcard takes the end of a line too, which a name may have. */
const OPTIONS = { dot: true, nonegate: true, strictBrackets: true, windows: false, flags: 's' } as const
/** A glob that means itself, and is of a length that a path may have. */
const LITERAL = /^[\w./@ -]{1,4096}$/

/**
 * One test for a set of globs, or null for an empty set.
 *
 * A glob without a slash matches names in any folder (`*.ts`); one with a slash matches the whole path (`src/*.ts`), a leading
 * slash only anchoring it (`/README.md`); one that ends in a slash means everything in that folder (`dist/`).
 * @throws {Error} where picomatch cannot make sense of a glob.
 */
export function compileGlobs(globs: readonly string[]): GlobTest | null {
  if (globs.length === 0) return null
  // A file may be called like the glob itself, as `[id].ts` is where routes are files.
  const exactNames = new Set(globs)
  const exactPaths = new Set(globs)
  const names: RegExp[] = []
  const paths: RegExp[] = []
  for (const glob of globs) {
    const body = glob.replace(/^\.?\//, '').replace(/\/$/, '')
    const anchored = body.includes('/') || body.length < glob.replace(/\/$/, '').length
    const tail = glob.endsWith('/') ? '/**' : ''
    if (tail === '' && LITERAL.test(body)) (anchored ? exactPaths : exactNames).add(body)
    else if (anchored) paths.push(picomatch.makeRe(body + tail, OPTIONS))
    else if (tail !== '') paths.push(picomatch.makeRe(`**/${body}${tail}`, OPTIONS))
    else names.push(picomatch.makeRe(body, OPTIONS))
  }
  // PERF: every file is asked about: a name keeps its hash, a path's has to be made first (`npm run bench -- files/discovery`).
  const lastNames = new Set([...exactPaths].map((path) => path.slice(path.lastIndexOf('/') + 1)))
  return (path, name) =>
    exactNames.has(name) ||
    (lastNames.has(name) && exactPaths.has(path)) ||
    names.some((re) => re.test(name)) ||
    paths.some((re) => re.test(path))
}

/** Whether picomatch, which knows it to be well-formed, cannot make a pattern of it that ever matches: as of a range that ends before it begins. */
export function matchesNothing(glob: string): boolean {
  return picomatch.makeRe(glob, OPTIONS).source === '$^'
}
