/** Broken on purpose: compares UTF-16 code units, which puts characters above U+FFFF before U+E000–U+FFFF. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
