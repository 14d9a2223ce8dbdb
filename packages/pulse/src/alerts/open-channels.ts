import type { Route } from '../monitors/monitor.ts'
import type { Channel, ChannelKind } from './channel.ts'

/** The channels there are: one for each kind and `config` that differ, opened when it is first asked for. */
export class OpenChannels implements AsyncDisposable {
  readonly #kinds: ReadonlyMap<string, ChannelKind>
  readonly #channels = new Map<string, Channel>()
  /** Routes are shared by monitors: most are met again. */
  readonly #known = new WeakMap<Route, Channel>()

  /** @param kinds By type. */
  constructor(kinds: ReadonlyMap<string, ChannelKind>) {
    this.#kinds = kinds
  }

  /** The channel of a route; undefined if there is no such kind. */
  of(route: Route): Channel | undefined {
    return this.#known.get(route) ?? this.#open(route)
  }

  /** Closes them all. What is under way then may fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    await Promise.allSettled(channels.map((channel) => channel[Symbol.asyncDispose]()))
  }

  #open(route: Route): Channel | undefined {
    const kind = this.#kinds.get(route.type)
    if (kind === undefined) return undefined
    const key = JSON.stringify([route.type, route.config])
    const channel = this.#channels.get(key) ?? kind.open(route.config)
    this.#channels.set(key, channel)
    this.#known.set(route, channel)
    return channel
  }
}
