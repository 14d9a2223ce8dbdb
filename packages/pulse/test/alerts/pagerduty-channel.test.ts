import { expect, it } from 'vitest'
import { pagerdutyChannel } from '../../src/alerts/pagerduty-channel.ts'
import { readFields } from '../read-fields.ts'
import { delivered, failureOf, opened } from './opened.ts'
import { Receiver } from './receiver.ts'

const KEY = 'R0UT1NGKEY'

it('triggers and resolves one incident', async () => {
  await using receiver = await Receiver.listen()
  await using channel = opened(pagerdutyChannel, { routing_key: KEY, url: receiver.url })
  receiver.answer = (response) => response.writeHead(202).end('{"status":"success"}')
  await delivered(channel)
  expect(receiver.json).toEqual({
    routing_key: KEY,
    dedup_key: 'api#1',
    event_action: 'trigger',
    payload: {
      summary: 'api is down: connection refused',
      source: 'api',
      severity: 'critical',
      timestamp: '2026-11-22T00:00:00.000Z',
      component: 'api',
      class: 'red',
      custom_details: {
        state: 'down',
        reason: 'connection refused',
        since: '2026-11-21T23:59:00.000Z',
        tags: ['prod', 'eu'],
      },
    },
  })
  const severities: unknown[] = []
  for (const code of ['yellow', 'cyan', 'gray'] as const) {
    await delivered(channel, { code })
    severities.push((receiver.json as { payload: { severity: string } }).payload.severity)
  }
  expect(severities).toEqual(['warning', 'info', 'error'])
  await delivered(channel, { code: 'green' })
  expect(receiver.json).toEqual({ routing_key: KEY, dedup_key: 'api#1', event_action: 'resolve' })
})

it('stays within what PagerDuty takes, and never tells its key', async () => {
  await using receiver = await Receiver.listen()
  await using channel = opened(pagerdutyChannel, { routing_key: KEY, url: receiver.url })
  receiver.answer = (response) => response.writeHead(400).end(KEY)
  const failure = await failureOf(channel, { reason: 'x'.repeat(5000), incident: `${'y'.repeat(300)}#7` })
  expect(failure).toMatchObject({ isPassing: false, message: 'PagerDuty answered with 400' })
  const { dedup_key, payload } = receiver.json as { dedup_key: string; payload: { summary: string } }
  expect([dedup_key.length, dedup_key.endsWith('#7'), payload.summary.length]).toEqual([255, true, 1024])
})

it('goes to PagerDuty unless told otherwise', () => {
  const { value } = readFields({ routing_key: KEY }, (fields) => pagerdutyChannel.parse(fields))
  expect(value).toEqual({ routingKey: KEY, url: 'https://events.pagerduty.com/v2/enqueue' })
})
