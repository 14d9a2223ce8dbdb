import { checkInteger } from '@millrace/kernel/options'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkDefinition, readConfig } from '../schema/read-config.ts'
import type { Alert, ChannelKind } from './channel.ts'

export interface ChannelDefinition<Config> {
  /** As an endpoint's `type` says. */
  readonly type: string
  /** Says what a `config` may have; it must answer at once, and give what JSON can write. @default anything */
  readonly schema?: StandardSchemaV1<unknown, Config>
  /**
   * Delivers an alert; resolves when the other side has it. What it throws is tried again, unless it is a {@link ChannelError} that says otherwise. It is
   * called for several at once, more than once for one that failed, and should end when `signal` aborts.
   */
  readonly deliver: (alert: Alert, config: Config, signal: AbortSignal) => Promise<void> | void
  /** Most deliveries under way at once to one `config`, at least 1. @default 4 */
  readonly maxUnderWay?: number
}

/**
 * A kind of channels of a user's.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function defineChannel<Config extends object = Record<string, unknown>>(
  definition: ChannelDefinition<Config>,
): ChannelKind<Partial<Config>> {
  checkDefinition('defineChannel', definition, 'deliver')
  const { type, schema, deliver, maxUnderWay } = definition
  if (maxUnderWay !== undefined) checkInteger('defineChannel', 'maxUnderWay', maxUnderWay, { min: 1 })
  return {
    type,
    parse: (fields) => readConfig(fields, schema) ?? {},
    open: (config) => ({
      ...(maxUnderWay !== undefined && { maxUnderWay }),
      async deliver(alert, signal) {
        await deliver(alert, config as Config, signal)
      },
      async [Symbol.asyncDispose]() {},
    }),
  }
}
