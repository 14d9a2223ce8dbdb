import { expect, it } from 'vitest'
import { slackChannel } from '../../src/alerts/slack-channel.ts'
import { CODES } from '../../src/lifecycle/states.ts'
import { delivered, failureOf, faultsOf, opened } from './opened.ts'
import { Receiver } from './receiver.ts'

it('tells Slack, in its colours', async () => {
  await using receiver = await Receiver.listen()
  await using channel = opened(slackChannel, { webhook_url: `${receiver.url}/services/T/B/x` })
  await delivered(channel)
  expect(receiver.json).toEqual({
    text: 'api is down',
    attachments: [
      {
        color: '#d32f2f',
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: '*api is down*\nconnection refused' } },
          {
            type: 'context',
            elements: [
              {
                type: 'mrkdwn',
                text: 'since <!date^1795305540^{date_short_pretty} {time_secs}|2026-11-21T23:59:00.000Z>  ·  prod, eu',
              },
            ],
          },
        ],
      },
    ],
  })
  const colors = new Set<unknown>()
  for (const code of CODES) {
    await delivered(channel, { code, reason: '', tags: [] })
    colors.add((receiver.json as { attachments: { color: string }[] }).attachments[0]?.color)
  }
  expect(colors.size).toBe(CODES.length)
})

it('mentions nobody on behalf of a target, and stays within what Slack takes', async () => {
  await using receiver = await Receiver.listen()
  await using channel = opened(slackChannel, { webhook_url: receiver.url })
  await delivered(channel, { monitor: '<!channel>', reason: '<@U123> & '.repeat(1000), tags: ['<!here>'.repeat(200)] })
  const { body } = receiver.received[0]!
  expect(body).not.toMatch(/<[@!](?!date)/)
  const [attachment] = (JSON.parse(body) as { attachments: { blocks: [{ text: { text: string } }] }[] }).attachments
  expect(attachment!.blocks[0].text.text.length).toBeLessThan(3000)
})

it('waits as long as Slack says, and never tells its address', async () => {
  await using receiver = await Receiver.listen()
  receiver.answer = (response) => response.writeHead(429, { 'retry-after': '30' }).end()
  await using channel = opened(slackChannel, { webhook_url: `${receiver.url}/services/5ECRET` })
  const failure = await failureOf(channel)
  expect(failure).toMatchObject({ isPassing: true, retryAfterMs: 30_000, message: 'Slack answered with 429' })
  expect(faultsOf(slackChannel, { webhook_url: 'slack.com/5ECRET' }).join()).not.toContain('5ECRET')
})
