import { expect } from 'vitest'
import { type Alert, type Channel, ChannelError, type ChannelKind } from '../../src/alerts/channel.ts'
import { readFields } from '../read-fields.ts'
import { ALERT } from './samples.ts'

/** A channel of a kind, as a manifest's `config` says. */
export function opened<Config>(kind: ChannelKind<Config>, config: Record<string, unknown>): Channel {
  const { value, faults } = readFields(config, (fields) => kind.parse(fields))
  expect(faults).toEqual([])
  // What a profile has passes between threads.
  expect(JSON.parse(JSON.stringify(value))).toEqual(value)
  return kind.open(value)
}

/** What is wrong with a `config`, as `field: message`. */
export function faultsOf<Config>(kind: ChannelKind<Config>, config: Record<string, unknown>): string[] {
  return readFields(config, (fields) => kind.parse(fields)).faults
}

/** Delivers an alert, within `ms`. */
export async function delivered(channel: Channel, alert: Partial<Alert> = {}, ms = 30_000): Promise<void> {
  await channel.deliver({ ...ALERT, ...alert }, AbortSignal.timeout(ms))
}

/** Why an alert was not delivered. */
export async function failureOf(channel: Channel, alert: Partial<Alert> = {}, ms = 30_000): Promise<ChannelError> {
  try {
    await delivered(channel, alert, ms)
  } catch (error) {
    if (error instanceof ChannelError) return error
    throw error
  }
  throw new Error('it was delivered')
}
