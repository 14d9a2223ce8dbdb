import { extname } from 'node:path'

/**
 * The URL of the thread or process entry `name` beside the module `base`, with that module's own ending.
 *
 * Sources run unbuilt as `.ts`, published files as `.js`, and the compiler leaves URL strings alone: the module that asks knows
 * which of the two it is.
 * @param name Path from `base` without ending, for example `./walk-thread`.
 * @param base The caller's `import.meta.url`.
 */
export function entryUrl(name: string, base: string): URL {
  return new URL(name + extname(new URL(base).pathname), base)
}
