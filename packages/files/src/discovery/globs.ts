import picomatch from 'picomatch'

/** Whether a glob of the set matches a file or folder, given its path below the root and its name. */
export type GlobTest = (path: string, name: string) => boolean

const OPTIONS = { dot: true, nonegate: true, strictBrackets: true, windows: false } as const

/**
 * One test for a set of globs, or null for an empty set.
 *
 * A glob without a slash matches names in any folder (`*.ts`); one with a slash matches the whole path (`src/*.ts`), a leading
 * slash only anchoring it (`/README.md`); one that ends in a slash means everything in that folder (`dist/`).
 * @throws {Error} where picomatch cannot make sense of a glob.
 */
export function compileGlobs(globs: readonly string[]): GlobTest | null {
  if (globs.length === 0) return null
  const names: RegExp[] = []
  const paths: RegExp[] = []
  const literals = new Set(globs)
  for (const glob of globs) {
    const body = glob.replace(/^\.?\//, '').replace(/\/$/, '')
    const anchored = body.includes('/') || body.length < glob.replace(/\/$/, '').length
    const tail = glob.endsWith('/') ? '/**' : ''
    if (anchored) paths.push(picomatch.makeRe(body + tail, OPTIONS))
    else if (tail !== '') paths.push(picomatch.makeRe(`**/${body}${tail}`, OPTIONS))
    else names.push(picomatch.makeRe(body, OPTIONS))
  }
  // A file may be called like the glob itself, as `[id].ts` is where routes are files.
  return (path, name) =>
    names.some((re) => re.test(name)) || paths.some((re) => re.test(path)) || literals.has(path) || literals.has(name)
}
