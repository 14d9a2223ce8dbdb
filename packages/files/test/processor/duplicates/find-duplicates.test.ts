import { describe, expect, test } from 'vitest'
import { type DuplicatesRecord, duplicatesOf } from '../../../src/processor/duplicates/duplicates.ts'
import { findDuplicates } from '../../../src/processor/duplicates/find-duplicates.ts'
import { randomBelow } from '../../ledger/random.ts'
import { inputOf } from '../input.ts'

const processor = duplicatesOf('minTokens=40')
const recordOf = (path: string, text: string) => ({
  path,
  ...(processor.process(inputOf(path, text)) as DuplicatesRecord),
})

const below = randomBelow(7)
const program = (lines: number) =>
  Array.from({ length: lines }, () => `let v${below(1e6)} = f${below(1e6)}(${below(1e6)}, "${below(1e6)}")`)
const copied = program(20)

describe('findDuplicates', () => {
  test('finds a copy with other indentation and line breaks, with its lines in both', () => {
    const one = [...program(10), ...copied, ...program(10)].join('\n')
    const other = [...program(3), ...copied.map((line) => `    ${line.replace(' = ', '\n=\n')}`), ...program(5)].join(
      '\n',
    )
    const report = findDuplicates([
      recordOf('b.js', other),
      recordOf('a.js', one),
      recordOf('c.js', program(30).join('\n')),
    ])
    expect(report.duplicates).toHaveLength(1)
    const [duplicate] = report.duplicates
    expect(duplicate!.one.path).toBe('a.js')
    expect(duplicate!.other.path).toBe('b.js')
    expect(duplicate!.one.line).toBeGreaterThanOrEqual(11)
    expect(duplicate!.one.line).toBeLessThanOrEqual(14)
    expect(duplicate!.one.endLine).toBeLessThanOrEqual(30)
    expect(duplicate!.one.endLine).toBeGreaterThanOrEqual(27)
    expect(duplicate!.other.line).toBeGreaterThanOrEqual(4)
    expect(report.duplicated).toBeGreaterThan(0.2)
    expect(report.duplicated).toBeLessThan(0.6)
  })

  test('finds a copy within one file, and the same whatever the order of the records', () => {
    const records = [
      recordOf('a.js', [...copied, ...program(5), ...copied].join('\n')),
      recordOf('b.js', [...copied].join('\n')),
    ]
    const report = findDuplicates(records)
    expect(report.duplicates.map(({ one, other }) => [one.path, other.path])).toEqual([
      ['a.js', 'a.js'],
      ['a.js', 'b.js'],
      ['a.js', 'b.js'],
    ])
    expect(findDuplicates([...records].reverse())).toEqual(report)
  })

  test('finds nothing where nothing is shared, and passes over what stands everywhere', () => {
    const alone = findDuplicates([recordOf('a.js', program(20).join('\n')), recordOf('b.js', program(20).join('\n'))])
    expect(alone).toMatchObject({ duplicates: [], duplicated: 0, passedOver: 0 })
    const everywhere = Array.from({ length: 6 }, (_, n) => recordOf(`${n}.js`, copied.join('\n')))
    const report = findDuplicates(everywhere, { maxPlaces: 5 })
    expect(report.duplicates).toEqual([])
    expect(report.passedOver).toBeGreaterThan(0)
    expect(findDuplicates(everywhere).duplicates).toHaveLength(15)
    expect(findDuplicates([])).toMatchObject({ files: 0, duplicated: 0 })
  })
})
