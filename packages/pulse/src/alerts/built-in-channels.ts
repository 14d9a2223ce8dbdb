import type { ChannelKind } from './channel.ts'
import { emailChannel } from './email-channel.ts'
import { logChannel } from './log-channel.ts'
import { pagerdutyChannel } from './pagerduty-channel.ts'
import { slackChannel } from './slack-channel.ts'
import { webhookChannel } from './webhook-channel.ts'

/** The kinds of channels that come along. */
export const BUILT_IN_CHANNELS: readonly ChannelKind[] = [
  logChannel as ChannelKind,
  webhookChannel as ChannelKind,
  slackChannel as ChannelKind,
  pagerdutyChannel as ChannelKind,
  emailChannel as ChannelKind,
]
