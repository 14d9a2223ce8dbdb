import type { Style } from './style.ts'
import { displayWidth } from './width.ts'

/** As many parts as fit, in order, so that a narrow terminal loses the least of them. */
export function joinFitting(parts: readonly string[], room: number, { dim, symbols }: Style): string {
  let line = ''
  let width = 0
  for (const part of parts) {
    const separator = line === '' ? '' : ` ${symbols.dot} `
    width += displayWidth(separator) + displayWidth(part)
    if (width > room) break
    line += dim(separator) + part
  }
  return line
}
