import type { BatchStatistics } from '@millrace/files'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { progressFrame, progressLine } from '../../src/progress/progress-frame.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'
import { statistics } from '../made-up.ts'

const style = createStyle({ color: false, unicode: true })
const ascii = createStyle({ color: false, unicode: false })

const anyStatistics: fc.Arbitrary<BatchStatistics> = fc
  .record({
    phase: fc.constantFrom('idle', 'discovering', 'processing', 'exporting', 'done'),
    found: fc.nat(10_000_000),
    quarantined: fc.nat(1_000_000),
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
    expect(progressLine({ ...statistics, phase: 'discovering', etaSeconds: null })).toBe(
      'discovering: 25,431 files found so far, 14,573 done, 2,050 files/s, 21.3 MB/s, 3 quarantined, 512 MB',
    )
  })
})
