import type { BatchStatistics } from '@millrace/files'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { progressFrame, progressLine, waitingFor } from '../../src/progress/progress-frame.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'
import { statistics } from '../made-up.ts'

const style = createStyle({ color: false, unicode: true })
const ascii = createStyle({ color: false, unicode: false })

const anyStatistics: fc.Arbitrary<BatchStatistics> = fc
  .record({
    phase: fc.constantFrom('idle', 'queued', 'discovering', 'processing', 'exporting', 'done'),
    found: fc.nat(10_000_000),
    quarantined: fc.nat(1_000_000),
    reused: fc.nat(1_000_000),
    paused: fc.option(fc.string({ unit: 'grapheme' })),
    filesPerSecond: fc.double({ min: 0, max: 1e6, noNaN: true }),
    megabytesPerSecond: fc.double({ min: 0, max: 1e5, noNaN: true }),
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    etaSeconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    workersReplaced: fc.nat(100),
    rssMb: fc.double({ min: 0, max: 1e6, noNaN: true }),
  })
  .map((drawn) => ({ ...statistics, ...drawn, delivered: Math.floor(drawn.found / 2) }))

type Frame = (given: BatchStatistics, width: number) => readonly string[]

/** Three lines, none as wide as the terminal: a full line would make some terminals wrap, and the redraw flicker. */
function frameProperty(frame: Frame) {
  return fc.property(anyStatistics, fc.integer({ min: 20, max: 120 }), (given, width) => {
    const lines = frame(given, width)
    return lines.length === 3 && lines.every((line) => displayWidth(line) < width)
  })
}

describe('the progress frame', () => {
  it('shows bar, share, rates, time left, workers, quarantine and memory', () => {
    expect(progressFrame(statistics, { width: 80, style })).toEqual([
      'Processing   ███████████████████░░░░░░░░░░░░░░░  57.3 %  14,573 of 25,431 files',
      '             2,050 files/s · 21.3 MB/s · 7.1 s · 6 s left',
      '             2 of 2 workers busy · 3 quarantined · 512 MB',
    ])
  })

  it('says why nothing is started, and what was reused', () => {
    const paused = { ...statistics, reused: 6_120, paused: 'The disk of /tree is full' }
    expect(progressFrame(paused, { width: 80, style }).slice(1)).toEqual([
      '             ⏸ Paused: the disk of /tree is full',
      '             2 of 2 workers busy · 3 quarantined · 512 MB · 6,120 reused',
    ])
    const long = { ...paused, paused: 'The disk of the ledger is full (/tree/ledger.db); the job goes on by itself' }
    expect(progressFrame(long, { width: 60, style: ascii }).slice(1)).toEqual([
      '             || Paused: the disk of the ledger is full',
      '             (/tree/ledger.db); the job goes on by itself',
    ])
    expect(progressFrame(long, { width: 40, style: ascii })[2]).toBe('             ledger is full (/tree/le..')
  })

  it('says what a queued job waits for', () => {
    const queued = { ...statistics, phase: 'queued' } as const
    const behind = ['20261121-001', '20261121-002', '20261121-003']
    expect(progressFrame(queued, { width: 80, style, behind })).toEqual([
      'Waiting      for job 20261121-001 and 2 more',
      '',
      '',
    ])
    expect(waitingFor(behind.slice(0, 1))).toBe('for job 20261121-001')
    expect(waitingFor([])).toBe('for the ledger')
  })

  it('shows no bar before it knows the whole', () => {
    const [line] = progressFrame({ ...statistics, phase: 'discovering', etaSeconds: null }, { width: 80, style: ascii })
    expect(line).toBe('Discovering  25,431 files found - 497 excluded - 14,573 done')
  })

  it('leaves the bar out where there is no room', () => {
    expect(progressFrame(statistics, { width: 46, style })[0]).toBe('Processing   57.3 % · 14,573 of 25,431 files')
    expect(progressFrame(statistics, { width: 40, style })[0]).toBe('Processing   57.3 %')
  })

  it('fits every terminal', () => {
    fc.assert(frameProperty((given, width) => progressFrame(given, { width, style })))
  })

  it('would notice a frame made for wide terminals only', () => {
    const wide: Frame = (given) => progressFrame(given, { width: 120, style })
    expect(fc.check(frameProperty(wide)).failed).toBe(true)
  })
})

describe('the progress line', () => {
  it('says the same in words', () => {
    expect(progressLine(statistics)).toBe(
      'processing: 14,573 of 25,431 files (57.3 %), 2,050 files/s, 21.3 MB/s, 6 s left, 3 quarantined, 512 MB',
    )
    expect(progressLine({ ...statistics, reused: 6_120, paused: 'the user paused it' })).toBe(
      'processing: 14,573 of 25,431 files (57.3 %), 2,050 files/s, 21.3 MB/s, 3 quarantined, 6,120 reused, 512 MB; paused: the user paused it',
    )
    // Nothing done by when all was predicted to be: it is not said that the walk still goes on.
    expect(progressLine({ ...statistics, etaSeconds: null })).toBe(
      'processing: 14,573 of 25,431 files (57.3 %), 2,050 files/s, 21.3 MB/s, 3 quarantined, 512 MB',
    )
    expect(progressLine({ ...statistics, phase: 'queued' })).toBe('queued: waits for the ledger')
    expect(progressLine({ ...statistics, phase: 'discovering', etaSeconds: null })).toBe(
      'discovering: 25,431 files found so far, 14,573 done, 2,050 files/s, 21.3 MB/s, 3 quarantined, 512 MB',
    )
  })
})
