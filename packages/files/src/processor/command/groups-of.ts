/** Bytes of arguments that every system takes: Windows' 32 KiB, less what else stands there. */
const MAX_BYTES = 24 * 1024

/** Cuts paths into groups that fit on a command line, in order. */
export function groupsOf(paths: readonly string[]): string[][] {
  const groups: string[][] = []
  let bytes = MAX_BYTES
  for (const path of paths) {
    // `./` before it, and a NUL behind.
    const more = Buffer.byteLength(path) + 3
    if (bytes + more > MAX_BYTES) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)!.push(path)
    bytes += more
  }
  return groups
}
