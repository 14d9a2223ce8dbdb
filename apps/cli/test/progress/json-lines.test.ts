import { expect, it } from 'vitest'
import { jsonEvent, summaryLine } from '../../src/progress/json-lines.ts'
import { result } from '../made-up.ts'

it('tells notable events, and not each file that succeeds', () => {
  expect(jsonEvent({ type: 'job-started', jobId: '7', root: '/tree', starts: 2 })).toEqual({
    event: 'job-started',
    job: '7',
    root: '/tree',
    starts: 2,
  })
  expect(jsonEvent({ type: 'job-queued', jobId: '8', root: '/tree', behind: ['7'] })).toEqual({
    event: 'job-queued',
    job: '8',
    root: '/tree',
    behind: ['7'],
  })
  const problem = { path: 'secret', code: 'EACCES', message: 'permission denied' }
  expect(jsonEvent({ type: 'discovery-problem', problem })).toEqual({ event: 'discovery-problem', ...problem })
  expect(jsonEvent({ type: 'job-finished', jobId: '7', books: result.books, balanced: true })).toEqual({
    event: 'job-finished',
    job: '7',
    ...result.books,
    balanced: true,
  })
  expect(jsonEvent({ type: 'worker-started', worker: 0, pid: 4711 })).toEqual({
    event: 'worker-started',
    worker: 0,
    pid: 4711,
  })
  expect(jsonEvent({ type: 'file-delivered', path: 'a.js', bytes: 1, ms: 1, worker: 0 })).toBeUndefined()
  expect(jsonEvent({ type: 'file-confirmed', path: 'a.js', bytes: 1, worker: 0 })).toBeUndefined()
  expect(jsonEvent({ type: 'discovery-progress', found: 1, excluded: 0 })).toBeUndefined()
})

it('ends with the summary, in the documented order of its keys', () => {
  expect(JSON.stringify(summaryLine(result))).toBe(
    '{"event":"summary","job":"7","discovered":25940,"delivered":25431,"quarantined":12,"excluded":497,' +
      '"reused":0,"removed":0,"starts":1,"seconds":12.414,"filesPerSecond":2048.6,"peakRssMb":612.3,"out":"/work/millrace-results.jsonl"}',
  )
})
