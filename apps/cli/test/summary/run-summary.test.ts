import { describe, expect, it } from 'vitest'
import { type RunSummaryView, runSummary } from '../../src/summary/run-summary.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'
import { result } from '../made-up.ts'

const view: RunSummaryView = {
  width: 80,
  style: createStyle({ color: false, unicode: true }),
  pathOf: (path) => path.replace('/work/', ''),
  ledger: '.millrace',
  outBytes: 83_200_000,
  showCommand: 'millrace files show 7',
  resumeCommand: 'millrace files resume 7',
}
const none = { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 }

describe('the summary of a run', () => {
  it('tells everything, in eighty columns', () => {
    const text = runSummary({ ...result, quarantined: result.quarantined.slice(0, 1) }, view)
    expect(text).toBe(`
  ✓ Done, 12 quarantined  tree
  25,443 files in 12.4 s · 2,049 files/s · 21.3 MB/s · 612 MB at peak

  Discovered   25,940
  Delivered    25,431   98.0 %
  Quarantined      12  < 0.1 %
  Excluded        497    1.9 %
    300 of kinds no processor takes, 120 hidden, 77 symbolic links
  ✓ The books balance: 25,940 = 25,431 + 12 + 497

  Could not be looked into
  EACCES  secret

  Slowest files
  812 ms  9.1 MB  typescript/lib/typescript.js
   81 ms  4.1 KB  …ep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/index.js

  Most complex functions
  1,204  checkExpression (typescript/lib/typescript.js:4711)

  Quarantined
  package-0/broken.js
    FILE_NOT_UTF8  package-0/broken.js is not UTF-8: byte 0x92 at offset 11 beg…

  Results  millrace-results.jsonl (25,431 records, 83.2 MB)
  Ledger   .millrace (job 7)
  Next     millrace files show 7

`)
  })

  it('tells what was there before, and what went', () => {
    const kept = { ...result, reused: 20_000, removed: 12 }
    expect(runSummary(kept, view)).toContain('at peak\n  Reused 20,000 · processed 5,431 · removed 12\n\n')
    expect(runSummary({ ...kept, starts: 2 }, view)).toContain(
      '\n  Resumed · reused 20,000 · processed 5,431 · removed 12\n',
    )
    expect(runSummary({ ...result, removed: 12 }, view)).toContain('\n  Removed 12\n')
    expect(runSummary(result, view)).not.toMatch(/[Rr]eused|[Rr]emoved|Resumed/)
  })

  it('tells of a job whose turn never came', () => {
    const text = runSummary({ ...result, books: none, exclusions: {}, starts: 0, interrupted: true, out: null }, view)
    expect(text).toContain('It was ended while it waited for the ledger; nothing was begun.')
    expect(text).toContain('millrace files resume 7')
    expect(text).not.toContain('balance')
  })

  it('has many files of one code together, and says how to see the rest', () => {
    const [first, ...others] = result.quarantined
    const slow = { ...first!, path: 'slow.js', code: 'FILE_TIMEOUT', message: 'slow.js took too long.' }
    const text = (quarantined: typeof result.quarantined, width = 80) =>
      runSummary({ ...result, quarantined }, { ...view, width })
    expect(text([first!, slow, ...others])).toContain(`
  Quarantined
  FILE_NOT_UTF8 ×12:
    package-0/broken.js, package-1/broken.js, package-2/broken.js and 9 more
    package-0/broken.js is not UTF-8: byte 0x92 at offset 11 begins no characte…
  slow.js
    FILE_TIMEOUT  slow.js took too long.
`)
    expect(text(result.quarantined, 100)).toContain(
      '\n  FILE_NOT_UTF8 ×12: package-0/broken.js, package-1/broken.js, package-2/broken.js and 9 more\n',
    )
    const three = text(result.quarantined.slice(0, 3))
    expect(three.match(/FILE_NOT_UTF8 /g)).toHaveLength(3)
    const unlike = Array.from({ length: 15 }, (_, at) => ({ ...first!, code: `CODE_${at}` }))
    expect(text(unlike)).toContain('… and 5 more: millrace files show 7')
  })

  it('a path in quarantine cannot steer the terminal, nor break a line', () => {
    const hostile = result.quarantined.map((file, at) => ({
      ...file,
      path: `\u001b[2J\n${'long '.repeat(20)}${at}.js`,
    }))
    const text = runSummary({ ...result, quarantined: hostile }, view)
    expect(text).not.toContain('\u001b')
    expect(text.split('\n').filter((line) => displayWidth(line) > 80)).toEqual([])
  })

  it.each([40, 60, 80, 100])('fits %d columns', (width) => {
    const lines = runSummary({ ...result, root: `/work/${'x'.repeat(200)}` }, { ...view, width }).split('\n')
    const wide = lines.filter((line) => displayWidth(line) > width)
    // Figures and commands are never cut; all else is.
    expect(wide.filter((line) => !/files\/s|balance|Results|more:|Could/.test(line))).toEqual([])
  })

  it('says when there is nothing to do, and when everything was excluded', () => {
    const bare = { ...result, problems: [], slowest: [], highlights: [], quarantined: [], out: null }
    expect(runSummary({ ...bare, books: none, exclusions: {} }, view)).toContain('There are no files in it.')
    const excluded = {
      ...bare,
      books: { ...none, discovered: 3, excluded: 3 },
      exclusions: { hidden: 2, 'not-included': 1 },
    }
    const text = runSummary(excluded, view)
    expect(text).toContain('Every file was excluded. What lets more in: another --include, --hidden.')
    expect(text).not.toContain('Results')
  })

  it('does not call a job done that is not', () => {
    const short = { ...result, books: { ...result.books, delivered: 25_000 }, balanced: false }
    expect(runSummary(short, view)).toContain('✗ The books do not balance: of 25,940 discovered, 431 not accounted for')
    const over = { ...result, books: { ...result.books, delivered: 25_432 }, balanced: false }
    expect(runSummary(over, view)).toContain('✗ The books do not balance: of 25,940 discovered, 1 too many')
    const stopped = runSummary({ ...short, interrupted: true, out: null }, view)
    expect(stopped).toContain('✗ Interrupted')
    expect(stopped).toContain('· 431 still to do')
    expect(stopped).not.toContain('balance')
    expect(stopped).toContain('Next    millrace files resume 7\n')
  })
})
