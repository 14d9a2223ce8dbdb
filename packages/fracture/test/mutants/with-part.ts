import { vi } from 'vitest'

/** A module of src/ by its path from there. */
type Module = Record<string, unknown>

/** Imports `wanted` anew, with what `change` makes of the module `part` in its place: a composition with one part replaced. Paths begin in src/. */
export async function withPart<Wanted, Part = Module>(
  wanted: string,
  part: string,
  change: (original: Part) => Partial<Part>,
): Promise<Wanted> {
  const path = at(part)
  vi.resetModules()
  vi.doMock(path, async (importOriginal) => {
    const original = (await importOriginal()) as Part
    return { ...original, ...change(original) }
  })
  try {
    return (await import(/* @vite-ignore */ at(wanted))) as Wanted
  } finally {
    vi.doUnmock(path)
    vi.resetModules()
  }
}

function at(path: string): string {
  return decodeURIComponent(new URL(`../../src/${path}`, import.meta.url).pathname)
}
