import { MillraceError } from '@millrace/kernel/errors'
import type { Earcut } from '../mesh/triangulate.ts'
import type { CheckedParams } from '../patterns/check-params.ts'

let loaded: Earcut | undefined
let loading: Promise<Earcut> | undefined

/** Whether parameters ask for what is made of triangles. */
export function needsEarcut({ mesh, convex }: CheckedParams): boolean {
  return mesh || convex
}

/** earcut, once it is loaded in this thread. */
export function loadedEarcut(): Earcut | undefined {
  return loaded
}

/**
 * Loads earcut, an optional peer, once.
 * @throws {MillraceError} `EARCUT_MISSING` (rejects) where it is not installed.
 */
export function loadEarcut(): Promise<Earcut> {
  loading ??= importEarcut()
  return loading
}

async function importEarcut(): Promise<Earcut> {
  try {
    const module = await import('earcut')
    loaded = module.default
    return loaded
  } catch (cause) {
    throw new MillraceError(
      'EARCUT_MISSING',
      'fracture: mesh: true and convex: true need the package earcut, which could not be loaded; npm install earcut, or leave them out',
      { cause },
    )
  }
}

/** Calls `act` at once when earcut is loaded or not needed, else when it is. */
export function withEarcut<T>(isNeeded: boolean, act: (earcut: Earcut | undefined) => T): T | Promise<T> {
  if (!isNeeded || loaded !== undefined) return act(loaded)
  return loadEarcut().then(act)
}
