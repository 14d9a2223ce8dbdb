import { describe, expect, test } from 'vitest'
import { BatchPriority, compilePriority } from '../../src/plan/priority.ts'
import { discovered } from '../discovered.ts'

const { LOW, MEDIUM, HIGH, CRITICAL } = BatchPriority
const NOW = 1_000_000

describe('compilePriority', () => {
  test('no rules: every file is MEDIUM', () => {
    expect(compilePriority(undefined, NOW)(discovered('a.js'))).toBe(MEDIUM)
    expect(compilePriority([], NOW)(discovered('a.js'))).toBe(MEDIUM)
  })

  test('the first rule that matches counts', () => {
    const priorityOf = compilePriority(
      [
        { priority: CRITICAL, glob: 'src/**' },
        { priority: LOW, glob: '**/*.js' },
      ],
      NOW,
    )
    expect(priorityOf(discovered('src/a.js'))).toBe(CRITICAL)
    expect(priorityOf(discovered('test/a.js'))).toBe(LOW)
    expect(priorityOf(discovered('a.ts'))).toBe(MEDIUM)
  })

  test('a glob without a slash matches the name in any folder', () => {
    const priorityOf = compilePriority([{ priority: HIGH, glob: '*.d.ts' }], NOW)
    expect(priorityOf(discovered('deep/down/x.d.ts'))).toBe(HIGH)
  })

  test.each([
    ['language', { language: 'javascript' }, {}, { language: 'python' }],
    ['smallest size', { minBytes: 500 }, { size: 500 }, { size: 499 }],
    ['largest size', { maxBytes: 500 }, { size: 500 }, { size: 501 }],
    ['newer than', { newerThanMs: 100 }, { mtimeMs: NOW - 100 }, { mtimeMs: NOW - 101 }],
    ['older than', { olderThanMs: 100 }, { mtimeMs: NOW - 100 }, { mtimeMs: NOW - 99 }],
  ])('by %s', (_, condition, matching, other) => {
    const priorityOf = compilePriority([{ priority: HIGH, ...condition }], NOW)
    expect(priorityOf(discovered('a.js', matching))).toBe(HIGH)
    expect(priorityOf(discovered('a.js', other))).toBe(MEDIUM)
  })

  test('every condition of a rule must hold', () => {
    const priorityOf = compilePriority([{ priority: HIGH, glob: '*.js', minBytes: 5000 }], NOW)
    expect(priorityOf(discovered('a.js', { size: 5000 }))).toBe(HIGH)
    expect(priorityOf(discovered('a.js', { size: 10 }))).toBe(MEDIUM)
  })

  test('a function is asked for each file, and checked', () => {
    const bySize = compilePriority((file) => (file.size > 100 ? CRITICAL : LOW), NOW)
    expect(bySize(discovered('a.js'))).toBe(CRITICAL)
    const wrong = compilePriority(() => 7 as never, NOW)
    expect(() => wrong(discovered('a.js'))).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => wrong(discovered('a.js'))).toThrow(/for a\.js gives 7/)
  })

  test('a rule that is no priority is refused at the door', () => {
    expect(() => compilePriority([{ priority: 'high' as never }], NOW)).toThrow(/priority rule 1 gives high/)
  })
})
