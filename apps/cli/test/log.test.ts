import { expect, it } from 'vitest'
import { createLog, logEvent } from '../src/log.ts'
import { createStyle } from '../src/text/style.ts'

const view = { style: createStyle({ color: false, unicode: true }), width: 40 }

it('writes JSON lines for programs', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', write: (line) => lines.push(line) })
  logEvent(log, {
    type: 'batch-committed',
    batchId: 3,
    worker: 1,
    delivered: 200,
    confirmed: 0,
    quarantined: 0,
    ms: 41,
  })
  logEvent(log, { type: 'file-delivered', path: 'a.js', bytes: 1, ms: 1, worker: 1 })
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    msg: 'batch-committed',
    batchId: 3,
    delivered: 200,
  })
})

it('writes short lines for people, and lets nothing in them steer the terminal', () => {
  const lines: string[] = []
  const log = createLog({ level: 'trace', write: (line) => lines.push(line), view })
  logEvent(log, { type: 'file-delivered', path: 'a\u001b[2J.js', bytes: 1, ms: 1, worker: 1 })
  logEvent(log, { type: 'discovery-problem', problem: { path: 'x', code: 'EACCES', message: 'denied' } })
  expect(lines).toEqual([
    'trace file-delivered path=a\\x1b[2J.js\n      bytes=1 ms=1 worker=1',
    'warn  discovery-problem: denied path=x\n      code=EACCES',
  ])
})

it('warns of workers that were lost, not of those that ended well', () => {
  const lines: string[] = []
  const log = createLog({ level: 'warn', write: (line) => lines.push(line), view })
  const stopped = { type: 'worker-stopped', worker: 1, pid: 4711, detail: 'SIGSEGV' } as const
  logEvent(log, { ...stopped, reason: 'drained' })
  logEvent(log, { ...stopped, reason: 'recycled' })
  expect(lines).toEqual([])
  logEvent(log, { ...stopped, reason: 'crashed' })
  logEvent(log, { ...stopped, reason: 'deadline' })
  logEvent(log, { ...stopped, reason: 'memory' })
  expect(lines).toHaveLength(3)
})

it('warns of a pause, and tells of its end at the same level', () => {
  const lines: string[] = []
  const log = createLog({ level: 'warn', write: (line) => lines.push(line), view })
  logEvent(log, { type: 'paused', by: 'resource', reason: 'the disk is full' })
  logEvent(log, { type: 'continued', by: 'resource', pausedMs: 3100.123 })
  logEvent(log, { type: 'job-queued', jobId: '8', root: '/tree', behind: ['7'] })
  logEvent(log, { type: 'tree-met', unchanged: 7, removed: 0 })
  expect(lines).toEqual(['warn  paused: the disk is full', 'warn  going on, after 3.1 s'])
  const json: string[] = []
  logEvent(createLog({ level: 'warn', write: (line) => json.push(line) }), {
    type: 'continued',
    by: 'resource',
    pausedMs: 3100.123,
  })
  expect(JSON.parse(json[0]!)).toMatchObject({ msg: 'continued', by: 'resource', pausedMs: 3100.123 })
})
