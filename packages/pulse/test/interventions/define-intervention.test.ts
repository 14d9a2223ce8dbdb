import { messageOf } from '@millrace/kernel/test/property'
import { expect, test } from 'vitest'
import { builtInInterventions } from '../../src/interventions/built-in-interventions.ts'
import { defineIntervention } from '../../src/interventions/define-intervention.ts'
import { order, outcome, overdue } from './intervening.ts'

interface Scale {
  readonly service: string
}

const scaling = (run: (target: Scale) => unknown) =>
  defineIntervention<Scale>({ type: 'scale', run: run as (target: Scale) => undefined })

test('a function does it, and says what became of it', async () => {
  const given: unknown[] = []
  const kind = defineIntervention<Scale>({
    type: 'scale',
    async run(target, { incident }) {
      given.push([target, incident])
      return { status: 'accepted', detail: 'scaled' }
    },
  })
  expect(await outcome(kind, { service: 'api' })).toBe('accepted: scaled')
  expect(given).toEqual([[{ service: 'api' }, 'api#7']])
})

test.each<[string, () => unknown, string]>([
  ['nothing', async () => undefined, 'accepted'],
  ['a refusal', () => ({ status: 'refused', reason: 'no\nroom' }), 'refused: no room'],
  ['a refusal without a reason', () => ({ status: 'refused' }), 'refused: no reason was given'],
  ['doubt', () => ({ status: 'unknown', reason: 'no word' }), 'unknown: no word'],
  ['an error', () => Promise.reject(new Error('broken')), 'unknown: broken'],
  ['nonsense', () => 'done', 'unknown: it ended without a status: accepted, refused or unknown'],
])('%s', async (_, run, expected) => {
  expect(await outcome(scaling(run), {})).toBe(expected)
})

test('one that never ends is unknown when its time is over, and never begins when it is', async () => {
  let isBegun = false
  const endless = scaling(() => {
    isBegun = true
    return new Promise(() => {})
  })
  expect(
    await overdue(
      (given) => outcome(endless, {}, given),
      () => isBegun,
    ),
  ).toBe('unknown: no answer in time')
  let ran = false
  const late = scaling(() => (ran = true))
  expect(await outcome(late, {}, order(1, AbortSignal.abort()))).toBe('refused: its time was over before it began')
  expect(ran).toBe(false)
})

test('what is no definition is refused', async () => {
  expect(await messageOf('OPTION_INVALID', () => defineIntervention(JSON.parse('{"type":"a"}')))).toBe(
    'defineIntervention: run must be a function, not undefined',
  )
})

test('four kinds come along', () => {
  expect(builtInInterventions().map(({ type }) => type)).toEqual(['docker', 'webhook', 'systemd', 'command'])
})
