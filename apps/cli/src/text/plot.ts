import type { Style } from './style.ts'

/** Parts of a character, by eighths: of a row, from the left, and of a column, from its foot. */
const ROW_EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█']
const COLUMN_EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A bar as long as `share`, 0 to 1, of `width` columns. What is above 0 is seen. */
export function bar(share: number, width: number, { symbols }: Style): string {
  const eighths = Math.round(clamp(share) * width * 8)
  if (!hasEighths(symbols.full)) return symbols.full.repeat(Math.round(eighths / 8) || Number(share > 0))
  return symbols.full.repeat(eighths >> 3) + (ROW_EIGHTHS[share > 0 && eighths === 0 ? 1 : eighths & 7] ?? '')
}

/** Columns side by side, each as high as its value beside the greatest; `height` lines, the uppermost first. What is above 0 is seen. */
export function columnPlot(values: readonly number[], height: number, { symbols }: Style): string[] {
  const most = Math.max(0, ...values)
  const step = hasEighths(symbols.full) ? 8 : 1
  const heights = values.map((value) => {
    const exact = most === 0 ? 0 : clamp(value / most) * height * step
    return value > 0 ? Math.max(1, Math.round(exact)) : 0
  })
  return Array.from({ length: height }, (_, line) => {
    const foot = (height - 1 - line) * step
    const cells = heights.map((top) => {
      const filled = Math.min(step, Math.max(0, top - foot))
      return step === 1 ? (filled > 0 ? symbols.full : ' ') : COLUMN_EIGHTHS[filled]
    })
    return cells.join('').trimEnd()
  })
}

function hasEighths(full: string): boolean {
  return full === '█'
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}
