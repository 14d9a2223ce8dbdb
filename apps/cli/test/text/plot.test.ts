import { describe, expect, test } from 'vitest'
import { bar, columnPlot } from '../../src/text/plot.ts'
import { createStyle } from '../../src/text/style.ts'

const unicode = createStyle({ color: false, unicode: true })
const ascii = createStyle({ color: false, unicode: false })

describe('bar', () => {
  test('is as long as its share, by eighths of a character', () => {
    expect([0, 1 / 16, 0.5, 1, 2].map((share) => bar(share, 4, unicode))).toEqual(['', '▎', '██', '████', '████'])
  })

  test('is seen where there is anything', () => {
    expect([bar(1e-9, 4, unicode), bar(1e-9, 4, ascii)]).toEqual(['▏', '#'])
  })

  test('is made of plain characters where there are no others', () => {
    expect(bar(0.5, 4, ascii)).toBe('##')
  })
})

describe('columnPlot', () => {
  test('stands on its foot, the greatest value as high as the plot', () => {
    expect(columnPlot([1, 2, 4, 0, 3], 2, unicode)).toEqual(['  █ ▄', '▄██ █'])
    expect(columnPlot([1, 2, 4, 0, 3], 2, ascii)).toEqual(['  # #', '### #'])
  })

  test('shows what is above 0, and nothing of nothing', () => {
    expect(columnPlot([1, 1e9], 2, unicode)).toEqual([' █', '▁█'])
    expect(columnPlot([0, 0], 1, unicode)).toEqual([''])
    expect(columnPlot([], 1, unicode)).toEqual([''])
  })
})
