import type { Code } from '../lifecycle/states.ts'
import type { Alert, ChannelKind } from './channel.ts'
import { httpAddress } from './http-address.ts'
import { sendRequest } from './send-request.ts'
import { headline, isoTime, shortened } from './wording.ts'

const COLORS: Readonly<Record<Code, string>> = {
  red: '#d32f2f',
  yellow: '#f9a825',
  green: '#388e3c',
  cyan: '#0097a7',
  gray: '#757575',
}

/** Slack takes 3,000 characters in a section, of which escaping may make five times as many. */
const MAX_REASON_CHARS = 500
const MAX_TAGS_CHARS = 300

/** Tells a channel of Slack by an incoming webhook. */
export const slackChannel: ChannelKind<{ readonly webhookUrl: string }> = {
  type: 'slack',

  parse(fields) {
    return { webhookUrl: httpAddress(fields, 'webhook_url') }
  },

  open({ webhookUrl }) {
    const request = {
      to: 'Slack',
      url: webhookUrl,
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    }
    return {
      // Slack takes one message a second of a webhook: with more at once, all but one are told to wait.
      maxUnderWay: 1,
      deliver: (alert, signal) => sendRequest({ ...request, body: JSON.stringify(messageOf(alert)) }, signal),
      async [Symbol.asyncDispose]() {},
    }
  },
}

function messageOf(alert: Alert): object {
  const title = escaped(headline(alert))
  const reason = escaped(shortened(alert.reason, MAX_REASON_CHARS))
  const facts = [`since ${timeOf(alert.since)}`, ...(alert.tags.length > 0 ? [tagsOf(alert)] : [])]
  return {
    // What a notification shows.
    text: title,
    attachments: [
      {
        color: COLORS[alert.code],
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: `*${title}*${reason === '' ? '' : `\n${reason}`}` } },
          { type: 'context', elements: [{ type: 'mrkdwn', text: facts.join('  ·  ') }] },
        ],
      },
    ],
  }
}

function tagsOf({ tags }: Alert): string {
  return escaped(shortened(tags.join(', '), MAX_TAGS_CHARS))
}

/** In the reader's own time zone. */
function timeOf(ms: number): string {
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time_secs}|${isoTime(ms)}>`
}

/** What a target answers must not mention anybody, nor be a link. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
