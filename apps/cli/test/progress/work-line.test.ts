import { expect, it } from 'vitest'
import { workLine } from '../../src/progress/work-line.ts'

it('tells what a worker’s machine is short of, what it waits for, and that it goes on', () => {
  const told = [
    workLine({ type: 'work-limited', processes: 1, of: 4, reason: 'memory is short' }),
    workLine({ type: 'work-limited', processes: 4, of: 4, reason: 'there is room again' }),
    workLine({ type: 'paused', by: 'resource', reason: 'memory is short, even with one batch at a time' }),
    workLine({ type: 'continued', by: 'resource', pausedMs: 83_000 }),
    workLine({ type: 'database-away', message: 'PostgreSQL does not answer' }),
    workLine({ type: 'database-back', awayMs: 4200 }),
    workLine({ type: 'work-committed', batchId: 1, files: 2, returned: 0, ms: 3 }),
  ]
  expect(told).toEqual([
    'memory is short: 1 of 4 worker processes works now',
    'there is room again: 4 of 4 worker processes work now',
    'waiting: memory is short, even with one batch at a time',
    'going on, after 1 min 23 s',
    'PostgreSQL does not answer',
    'going on: PostgreSQL is there again, after 4.2 s',
    undefined,
  ])
})

it('lets no control character of a reason through', () => {
  expect(workLine({ type: 'paused', by: 'resource', reason: 'a\u001b[2Jb' })).not.toContain('\u001b')
})
