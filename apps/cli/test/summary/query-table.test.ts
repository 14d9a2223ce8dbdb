import type { QueryAnswer, QueryValue } from '@millrace/files'
import { describe, expect, test } from 'vitest'
import { queryTable } from '../../src/summary/query-table.ts'
import { styleFor } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'

const style = styleFor({ stream: { isTTY: false }, env: {} })
const answer = (names: readonly string[], ...rows: QueryValue[][]): QueryAnswer => ({
  columns: names.map((name) => ({ name, type: 'VARCHAR' })),
  rows,
})
const table = (given: QueryAnswer, width = Number.POSITIVE_INFINITY) => queryTable(given, { style, width })

describe('queryTable', () => {
  test('numbers to the right, nothing by its name, lists as JSON', () => {
    expect(table(answer(['path', 'n', 'list'], ['a.ts', 5, [1, 'x']], ['', 1000, null]))).toBe(
      ['path     n  list', 'a.ts     5  [1,"x"]', '      1000  NULL', '2 rows', ''].join('\n'),
    )
  })

  test('no row', () => {
    expect(table(answer(['path', 'n']))).toBe('path  n\n0 rows\n')
  })

  test('long values give way to the width, numbers do not', () => {
    const text = table(answer(['one', 'two', 'n'], ['x'.repeat(50), 'y'.repeat(20), 1234567]), 50)
    expect(text.split('\n')).toEqual([
      `one${' '.repeat(18)}two${' '.repeat(24)}n`,
      `${'x'.repeat(18)}…  ${'y'.repeat(18)}…  1234567`,
      '1 row; long values cut. --format json or csv has all',
      '',
    ])
  })

  test('what has no room is counted', () => {
    const names = Array.from({ length: 30 }, (_, at) => `column${at}`)
    const rows = Array.from({ length: 1200 }, () => names.map(() => 'z'.repeat(30)))
    const lines = table(answer(names, ...rows), 60).split('\n')
    expect(lines).toHaveLength(1 + 1000 + 2)
    expect(lines.at(-2)).toBe(
      '1,200 rows; 200 rows and 26 columns not shown, long values cut. --format json or csv has all',
    )
  })

  test('no table is wider than it may be', () => {
    for (let width = 40; width < 200; width++) {
      const given = answer(
        ['path', 'n', 'b', 'c'],
        ['漢字'.repeat(40), 12, 'b'.repeat(70), 'c'.repeat(9)],
        ['x', 123456789, 'ж', ''],
      )
      const [, ...lines] = table(given, width).split('\n').reverse()
      for (const line of lines.slice(1)) expect(displayWidth(line)).toBeLessThanOrEqual(width)
    }
  })

  test('what comes from files cannot steer the terminal', () => {
    expect(table(answer(['\x1b[2Jname'], ['a\x1b[31mb\nc']))).toBe('\\x1b[2Jname\na\\x1b[31mb c\n1 row\n')
  })
})
