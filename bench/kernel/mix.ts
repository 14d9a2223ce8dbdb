/** Folds an integer into a checksum that tells orders apart. */
export function mix(checksum: number, value: number): number {
  return (Math.imul(checksum, 31) + value) | 0
}
