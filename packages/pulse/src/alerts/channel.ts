import type { Code, StateName } from '../lifecycle/states.ts'
import type { Fields } from '../manifest/fields.ts'

/** What somebody is told. */
export interface Alert {
  /** The same whenever it is delivered: at least once, so a receiver may meet it twice. */
  readonly id: string
  readonly monitor: string
  readonly code: Code
  readonly state: StateName
  /** The same for all alerts of an incident. */
  readonly incident: string
  /** What happened, in a sentence. */
  readonly reason: string
  /** When it happened, in ms since 1970. */
  readonly at: number
  /** When the incident began, in ms since 1970. */
  readonly since: number
  readonly tags: readonly string[]
}

/** A kind of channels: what their `config` may say, and how they deliver. */
export interface ChannelKind<Config = unknown> {
  /** As an endpoint's `type`, or a code's `notify`, says. */
  readonly type: string
  /** Reads a `config`. What is wrong with it is told to `fields`, which goes on with a default. */
  parse(fields: Fields): Config
  /** One for each `config` that differs. */
  open(config: Config): Channel
}

/** Delivers alerts to one place. */
export interface Channel extends AsyncDisposable {
  /** Most deliveries under way at once, at least 1. @default as the delivery has it */
  readonly maxUnderWay?: number
  /**
   * Delivers an alert; resolves when the other side has it.
   * @throws {ChannelError} where it says whether another attempt is of use; anything else is tried again.
   */
  deliver(alert: Alert, signal: AbortSignal): Promise<void>
}

/** Why an alert was not delivered. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError'
  /** Whether it may be delivered later: not what the other side refuses for what it is. */
  readonly isPassing: boolean
  /** How long the other side asks to wait, in ms. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    options: { readonly isPassing: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.isPassing = options.isPassing
    this.retryAfterMs = options.retryAfterMs
  }
}
