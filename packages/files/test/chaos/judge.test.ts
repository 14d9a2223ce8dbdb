import { describe, expect, it } from 'vitest'
import { compareRuns, lossesOf } from '../../src/chaos/judge.ts'
import type { RunFacts } from '../../src/chaos/run-facts.ts'

const PATHS = ['a.ts', 'b.ts', 'c.ts']

/** A run that delivered these files: by path, what was made of which contents. */
function run(
  lines: Readonly<Record<string, string>>,
  quarantined: Readonly<Record<string, string>> = {},
  more: Partial<RunFacts> = {},
): RunFacts {
  const delivered = Object.keys(lines).length
  const refused = Object.keys(quarantined).length
  return {
    books: { discovered: delivered + refused, delivered, quarantined: refused, excluded: 0 },
    lines: new Map(
      Object.entries(lines).map(([path, made]) => [path, { hash: made.split(' ')[0]!, digest: `${path} ${made}` }]),
    ),
    doubled: [],
    garbled: 0,
    quarantined: new Map(Object.entries(quarantined).map(([path, code]) => [path, { code, message: `said ${code}` }])),
    digest: '',
    ...more,
  }
}

const whole = run({ 'a.ts': 'h1 r', 'b.ts': 'h2 r', 'c.ts': 'h3 r' })
const kinds = (found: readonly { readonly kind: string; readonly path: string | null }[]) =>
  found.map(({ kind, path }) => [kind, path])

describe('a run by itself', () => {
  it('is fine where every file is in the output or in quarantine', () => {
    expect(lossesOf('disturbed', PATHS, whole)).toEqual([])
    const refused = run({ 'a.ts': 'h1 r', 'b.ts': 'h2 r' }, { 'c.ts': 'FILE_NOT_UTF8' })
    expect(lossesOf('disturbed', PATHS, refused)).toEqual([])
  })

  it('lost a file that is in neither, even where its books balance', () => {
    const short = run({ 'a.ts': 'h1 r', 'c.ts': 'h3 r' })
    expect(kinds(lossesOf('disturbed', PATHS, short))).toEqual([
      ['unbalanced', null],
      ['lost', 'b.ts'],
    ])
    const hidden = { ...short, books: whole.books }
    expect(kinds(lossesOf('disturbed', PATHS, hidden))).toContainEqual(['lost', 'b.ts'])
  })

  it('has none twice, none too many and no garbage', () => {
    const both = run({ 'a.ts': 'h1 r', 'b.ts': 'h2 r', 'c.ts': 'h3 r' }, { 'c.ts': 'WORKER_CRASHED' })
    expect(kinds(lossesOf('last', PATHS, both))).toContainEqual(['doubled', 'c.ts'])
    expect(kinds(lossesOf('last', PATHS, { ...whole, doubled: ['a.ts'] }))).toEqual([['doubled', 'a.ts']])
    expect(kinds(lossesOf('last', ['a.ts', 'b.ts'], whole))).toContainEqual(['extra', 'c.ts'])
    expect(kinds(lossesOf('last', PATHS, { ...whole, garbled: 1 }))).toEqual([['garbled', null]])
  })

  it('does not balance where the books say something else than what there is', () => {
    const books = { discovered: 3, delivered: 2, quarantined: 1, excluded: 0 }
    expect(kinds(lossesOf('first', PATHS, { ...whole, books }))).toEqual([['unbalanced', null]])
  })
})

describe('three runs beside each other', () => {
  const none = new Map<string, string>()

  it('show nothing where they came to the same', () => {
    const same = compareRuns(PATHS, { first: whole, disturbed: whole, last: whole }, none)
    expect(same).toEqual({ faults: [], suspects: [], losses: [] })
  })

  it('blame the processor for what two undisturbed runs made differently of the same contents', () => {
    const other = run({ 'a.ts': 'h1 other', 'b.ts': 'h2 r', 'c.ts': 'h3 r' })
    const { faults, suspects } = compareRuns(PATHS, { first: whole, disturbed: whole, last: other }, none)
    expect(kinds(faults)).toEqual([['not-deterministic', 'a.ts']])
    expect(suspects).toEqual([])
  })

  it('take a damaged file for another one', () => {
    const after = run({ 'a.ts': 'h9 other', 'b.ts': 'h2 r', 'c.ts': 'h3 r' })
    const damaged = new Map([['a.ts', 'was cut']])
    expect(compareRuns(PATHS, { first: whole, disturbed: after, last: after }, damaged).faults).toEqual([])
    const stale = compareRuns(PATHS, { first: whole, disturbed: whole, last: after }, damaged)
    expect(kinds(stale.losses)).toEqual([['stale', 'a.ts']])
  })

  it('suspect what only the disturbed run made', () => {
    const refused = run({ 'a.ts': 'h1 r', 'b.ts': 'h2 r' }, { 'c.ts': 'WORKER_CRASHED' })
    const other = run({ 'a.ts': 'h1 other', 'b.ts': 'h2 r', 'c.ts': 'h3 r' })
    expect(kinds(compareRuns(PATHS, { first: whole, disturbed: refused, last: whole }, none).suspects)).toEqual([
      ['differs', 'c.ts'],
    ])
    expect(kinds(compareRuns(PATHS, { first: whole, disturbed: other, last: whole }, none).suspects)).toEqual([
      ['differs', 'a.ts'],
    ])
  })

  it('name the files that took a worker with them, and those that did so only once damaged', () => {
    const dead = run({ 'a.ts': 'h1 r' }, { 'b.ts': 'FILE_DEADLINE', 'c.ts': 'WORKER_CRASHED' })
    const damaged = new Map([['c.ts', 'was cut to 3 of its 9 bytes']])
    const first = run({ 'a.ts': 'h1 r', 'c.ts': 'h3 r' }, { 'b.ts': 'FILE_DEADLINE' })
    const { faults } = compareRuns(PATHS, { first, disturbed: dead, last: dead }, damaged)
    expect(faults).toEqual([
      { kind: 'hang', path: 'b.ts', seen: 'said FILE_DEADLINE (FILE_DEADLINE)' },
      {
        kind: 'crash',
        path: 'c.ts',
        seen: 'said WORKER_CRASHED (WORKER_CRASHED) That was after it was cut to 3 of its 9 bytes.',
      },
    ])
  })
})
