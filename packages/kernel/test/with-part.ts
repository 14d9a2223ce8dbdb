import { vi } from 'vitest'

/** A module of a package's sources, or of another package. */
type Module = Record<string, unknown>

/**
 * Imports `wanted` anew, with what `change` makes of the module `part` in its place: a composition with one part replaced. Paths begin in the folder `sources`; a
 * part of another package is known by its name.
 */
export async function withPart<Wanted, Part = Module>(
  sources: URL,
  wanted: string,
  part: string,
  change: (original: Part) => Partial<Part>,
): Promise<Wanted> {
  const path = part.startsWith('@') ? part : at(part, sources)
  vi.resetModules()
  vi.doMock(path, async (importOriginal) => {
    const original = (await importOriginal()) as Part
    return { ...original, ...change(original) }
  })
  try {
    return (await import(/* @vite-ignore */ at(wanted, sources))) as Wanted
  } finally {
    vi.doUnmock(path)
    vi.resetModules()
  }
}

function at(path: string, sources: URL): string {
  return decodeURIComponent(new URL(path, sources).pathname)
}
