import { MillraceError } from '@millrace/kernel/errors'

const ARRAY_INDEX = /^(0|[1-9][0-9]{0,8})$/

/**
 * The names a dot path leads through.
 * @throws {MillraceError} `ROW_INVALID` for an empty name.
 */
export function segmentsOf(path: string): readonly string[] {
  const segments = path.split('.')
  for (const segment of segments)
    if (segment === '' || segment.includes('\0'))
      throw new MillraceError(
        'ROW_INVALID',
        `The path ${JSON.stringify(path)} has an empty name, or one with a NUL, in it`,
        {
          detail: { path },
        },
      )
  return segments
}

/** Whether a name can be an index of an array. */
export function isIndex(segment: string): boolean {
  return ARRAY_INDEX.test(segment)
}

/**
 * Checks that no path leads through another, or is there twice: it would depend on their order what is written.
 * @throws {MillraceError} `ROW_INVALID`.
 */
export function checkApart(paths: readonly string[]): void {
  if (paths.length < 2) return
  // With a dot behind each, a path sorts just before all that lead through it.
  const sorted = paths.map((path) => `${path}.`).sort()
  for (let at = 1; at < sorted.length; at++)
    if (sorted[at]?.startsWith(sorted[at - 1] ?? ''))
      throw new MillraceError(
        'ROW_INVALID',
        `One change has both ${sorted[at - 1]?.slice(0, -1)} and ${sorted[at]?.slice(0, -1)}: one leads through the other`,
        { detail: { paths } },
      )
}
