import { MillraceError, VirtualClock } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { AwayNotice } from '../../src/cluster/away-notice.ts'

const away = (patience: string, reason?: string) =>
  new MillraceError('LEDGER_UNREACHABLE', 'away', {
    detail: { patience, ...(reason !== undefined && { reason }) },
  })

function setUp(patienceMs?: number) {
  const clock = new VirtualClock()
  const told: string[] = []
  const onEvent = (event: { message?: string; awayMs?: number }) => {
    told.push(event.message ?? `back after ${event.awayMs}`)
  }
  return { clock, told, notice: new AwayNotice({ clock, onEvent, ...(patienceMs !== undefined && { patienceMs }) }) }
}

it('tells at once, then once a minute, with what was heard last and how long it goes on', () => {
  const { clock, told, notice } = setUp(600_000)
  for (let second = 0; second < 130; second++) {
    notice.away(away('PostgreSQL does not answer', second < 60 ? 'refused' : 'no route'))
    clock.advance(1000)
  }
  expect(told).toEqual([
    'PostgreSQL does not answer: refused; this worker goes on by itself when that has passed, and tries for 10 min',
    'PostgreSQL does not answer, for 60 s now: no route; this worker goes on by itself when that has passed, and tries for 9 min more',
    'PostgreSQL does not answer, for 2 min now: no route; this worker goes on by itself when that has passed, and tries for 8 min more',
  ])
})

it('tells at once when it is away for another reason', () => {
  const { told, notice } = setUp()
  notice.away(away('It does not answer'))
  notice.away(away('Its disk is full'))
  expect(told).toEqual([
    'It does not answer; this worker goes on by itself when that has passed',
    'Its disk is full; this worker goes on by itself when that has passed',
  ])
})

it('tells that it is back once nothing has failed for a second, and not while calls fail and succeed by turns', () => {
  const { clock, told, notice } = setUp()
  notice.written()
  for (let turn = 0; turn < 50; turn++) {
    notice.away(away('Its disk is full'))
    clock.advance(240)
    notice.written()
  }
  expect(told).toHaveLength(1)
  clock.advance(760)
  notice.written()
  notice.written()
  expect(told.slice(1)).toEqual(['back after 12760'])
  notice.away(away('Its disk is full'))
  expect(told).toHaveLength(3)
})

it('throws what does not pass by itself', () => {
  const { told, notice } = setUp()
  const refused = new MillraceError('LEDGER_REFUSED', 'no')
  expect(() => notice.away(refused)).toThrow(refused)
  expect(told).toEqual([])
})
