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

describe('live progress of a job whose results go to standard output', () => {
  it('is taken away for them, and comes back with the next job', () => {
    const clock = new VirtualClock()
    const { screen, frames, closed } = recordingScreen()
    const style = createStyle({ color: false, unicode: true })
    const progress = liveProgress({ screen, clock, statistics: () => statistics }, { style, width: () => 80 })
    clock.advance(100)
    progress.hear({ type: 'exporting', out: '/work/out.jsonl', rows: 1 })
    clock.advance(100)
    expect([frames.length, closed()]).toEqual([2, 0])
    progress.hear({ type: 'exporting', out: '-', rows: 1 })
    clock.advance(1000)
    expect([frames.length, closed()]).toEqual([2, 1])
    progress.hear({ type: 'job-started', jobId: '8', root: '/work/tree', starts: 1 })
    clock.advance(100)
    expect(frames).toHaveLength(3)
    progress.stop()
  })
})

describe('live progress between jobs', () => {
  it('says what is waited for in lines that fit', () => {
    const clock = new VirtualClock()
    const { screen, frames } = recordingScreen()
    const style = createStyle({ color: false, unicode: true })
    const waiting = () => `Watching /work/${'deep/'.repeat(7)}tree: 1,200 files. Ctrl-C stops.`
    const progress = liveProgress({ screen, clock, statistics: () => statistics, waiting }, { style, width: () => 60 })
    clock.advance(100)
    progress.stop()
    expect(frames.at(-1)).toEqual([`Watching /work/${'deep/'.repeat(7)}tree:`, '1,200 files. Ctrl-C stops.'])
  })
})

describe('live progress of a queued job', () => {
  it('knows what it waits for', () => {
    const clock = new VirtualClock()
    const { screen, frames } = recordingScreen()
    const style = createStyle({ color: false, unicode: true })
    const queued = { ...statistics, phase: 'queued' } as const
    const progress = liveProgress({ screen, clock, statistics: () => queued }, { style, width: () => 80 })
    progress.hear({ type: 'job-queued', jobId: '7', root: '/work/tree', behind: ['6'] })
    clock.advance(100)
    progress.stop()
    expect(frames.at(-1)?.[0]).toBe('Waiting      for job 6')
  })
})

describe('plain progress', () => {
  it('prints a line every five seconds and the turns of the job', () => {
    const clock = new VirtualClock()
    const { screen, notes } = recordingScreen()
    const progress = plainProgress({ screen, clock, statistics: () => statistics })
    progress.hear({ type: 'job-queued', jobId: '7', root: '/work/tree', behind: ['6'] })
    progress.hear({ type: 'job-started', jobId: '7', root: '/work/tree', starts: 1 })
    progress.hear({ type: 'job-started', jobId: '7', root: '/work/tree', starts: 2 })
    progress.hear({ type: 'discovery-progress', found: 1, excluded: 0 })
    clock.advance(10_000)
    progress.hear({ type: 'discovery-done', found: 25_431, excluded: 497, ms: 412 })
    progress.hear({ type: 'tree-met', unchanged: 0, removed: 0 })
    progress.hear({ type: 'tree-met', unchanged: 25_430, removed: 1 })
    progress.hear({ type: 'quarantine-reopened', files: 3 })
    progress.hear({ type: 'export-skipped', out: '/work/out.jsonl' })
    progress.hear({ type: 'exporting', out: '/work/out.jsonl', rows: 1 })
    progress.stop()
    clock.advance(10_000)
    expect(notes.map((line) => line.slice(0, 40))).toEqual([
      'queued: job 7 waits for job 6',
      'started: job 7 over /work/tree',
      'resumed: job 7 over /work/tree',
      'processing: 14,573 of 25,431 files (57.3',
      'processing: 14,573 of 25,431 files (57.3',
      'discovered: 25,431 files, 497 excluded, ',
      'compared: 25,430 files unchanged, 1 file',
      'reopened: 3 files of the quarantine',
      'exporting: /work/out.jsonl is up to date',
      'exporting: 1 record to /work/out.jsonl',
    ])
  })

  it('says nothing before there is a job, however long its start takes', () => {
    const clock = new VirtualClock()
    const { screen, notes } = recordingScreen()
    const phases = ['idle', 'idle', 'discovering'] as const
    const now = () => ({ ...statistics, phase: phases[clock.now() / 5000 - 1]! })
    const progress = plainProgress({ screen, clock, statistics: now })
    clock.advance(15_000)
    progress.stop()
    expect(notes).toEqual([expect.stringMatching(/^discovering: /)])
  })

  it('tells once why it is paused', () => {
    const clock = new VirtualClock()
    const { screen, notes } = recordingScreen()
    let paused: string | null = 'The disk is full'
    const progress = plainProgress({ screen, clock, statistics: () => ({ ...statistics, paused }) })
    clock.advance(10_000)
    paused = null
    clock.advance(5000)
    paused = 'The disk is full'
    clock.advance(5000)
    progress.stop()
    expect(notes.map((line) => line.split('; ')[1])).toEqual([
      'paused: the disk is full',
      'still paused',
      undefined,
      'paused: the disk is full',
    ])
    expect(notes.map((line) => line.includes(' left'))).toEqual([false, false, true, false])
  })
})
