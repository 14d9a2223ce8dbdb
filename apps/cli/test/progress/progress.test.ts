import { VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { liveProgress, plainProgress } from '../../src/progress/progress.ts'
import type { Screen } from '../../src/progress/screen.ts'
import { createStyle } from '../../src/text/style.ts'
import { statistics } from '../made-up.ts'

function recordingScreen() {
  const notes: string[] = []
  const frames: (readonly string[])[] = []
  let closed = 0
  const screen: Screen = {
    note: (line) => void notes.push(line),
    draw: (lines) => void frames.push(lines),
    close: () => void closed++,
  }
  return { screen, notes, frames, closed: () => closed }
}

describe('live progress', () => {
  it('draws ten frames a second until it is stopped', () => {
    const clock = new VirtualClock()
    const { screen, frames, closed } = recordingScreen()
    const style = createStyle({ color: false, unicode: true })
    const progress = liveProgress({ screen, clock, statistics: () => statistics }, { style, width: () => 80 })
    clock.advance(1000)
    expect(frames).toHaveLength(10)
    progress.stop()
    clock.advance(1000)
    expect(frames).toHaveLength(10)
    expect(closed()).toBe(1)
  })
})

describe('plain progress', () => {
  it('prints a line every five seconds and the turns of the job', () => {
    const clock = new VirtualClock()
    const { screen, notes } = recordingScreen()
    const progress = plainProgress({ screen, clock, statistics: () => statistics })
    progress.hear({ type: 'job-started', jobId: '7', root: '/work/tree' })
    progress.hear({ type: 'discovery-progress', found: 1, excluded: 0 })
    clock.advance(10_000)
    progress.hear({ type: 'discovery-done', found: 25_431, excluded: 497, ms: 412 })
    progress.hear({ type: 'exporting', out: '/work/out.jsonl', rows: 1 })
    progress.stop()
    clock.advance(10_000)
    expect(notes.map((line) => line.slice(0, 40))).toEqual([
      'started: job 7 over /work/tree',
      'processing: 14,573 of 25,431 files (57.3',
      'processing: 14,573 of 25,431 files (57.3',
      'discovered: 25,431 files, 497 excluded, ',
      'exporting: 1 record to /work/out.jsonl',
    ])
  })
})
