import type { ChannelKind } from '../alerts/channel.ts'
import type { Route } from '../monitors/monitor.ts'
import { didYouMean } from './did-you-mean.ts'
import type { FieldsContext } from './fields-reader.ts'
import { FieldsReader } from './fields-reader.ts'

/** The endpoints of a manifest, its groups of them, and how a code comes to its routes. */
export class Routes {
  readonly #kinds: ReadonlyMap<string, ChannelKind>
  readonly #types: readonly string[]
  readonly #endpoints = new Map<string, Route>()
  readonly #groups = new Map<string, readonly string[]>()
  /** Some of what defines them could not be read: what is not there is no fault then. */
  isIncomplete = false

  constructor(kinds: ReadonlyMap<string, ChannelKind>) {
    this.#kinds = kinds
    this.#types = [...this.#kinds.keys()]
  }

  /** Reads `endpoints` and `notification_groups`, of which there may be more later: groups name endpoints that are there by then. */
  define(endpoints: unknown, groups: unknown, context: FieldsContext): void {
    const named = new FieldsReader(endpoints, 'endpoints', context)
    for (const name of named.names) {
      const fields = named.within(name)
      if (this.#endpoints.has(name)) named.fault(name, 'is defined twice')
      const type = fields.kind('type', this.#types)
      acceptRetries(fields)
      this.#endpoints.set(name, { type: type ?? '', endpoint: name, config: this.#config(type, fields) })
      fields.end()
    }
    const grouped = new FieldsReader(groups, 'notification_groups', context)
    for (const name of grouped.names) {
      if (this.#groups.has(name)) grouped.fault(name, 'is defined twice')
      const members = grouped.strings(name)
      const [known, unknown] = [[] as string[], [] as string[]]
      for (const member of members) (this.#endpoints.has(member) ? known : unknown).push(member)
      for (const member of unknown) grouped.fault(name, missing('endpoint', member, this.#endpoints))
      this.#groups.set(name, known)
    }
  }

  /** Where a code goes: `notify_group`, or `notify` and `config`; nowhere with `dispatch: false`. */
  read(fields: FieldsReader): readonly Route[] {
    const isDispatched = fields.boolean('dispatch', true)
    acceptRetries(fields)
    const routes: Route[] = []
    if (fields.has('notify_group')) {
      const group = fields.string('notify_group')
      const members = this.#groups.get(group)
      if (members === undefined && !this.isIncomplete)
        fields.fault('notify_group', missing('notification group', group, this.#groups))
      for (const member of members ?? []) routes.push(this.#endpoints.get(member)!)
    }
    if (fields.has('notify')) routes.push(this.#direct(fields))
    else if (fields.has('config'))
      fields.fault('notify', `is missing beside config: say one of ${this.#types.join(', ')}`)
    if (isDispatched && routes.length === 0 && !fields.has('notify_group') && !fields.has('notify')) {
      fields.fault('', 'goes nowhere: say notify_group, or notify and config, or dispatch: false')
    }
    fields.end()
    return isDispatched ? routes : []
  }

  /** A channel of its own, or an endpoint by name. */
  #direct(fields: FieldsReader): Route {
    const named = fields.any('notify')
    const endpoint = typeof named === 'string' ? this.#endpoints.get(named) : undefined
    if (endpoint !== undefined && !fields.has('config')) return endpoint
    const type = fields.kind('notify', this.#types)
    return { type: type ?? '', config: this.#config(type, fields) }
  }

  #config(type: string | undefined, fields: FieldsReader): unknown {
    const config = fields.within('config')
    const kind = type === undefined ? undefined : this.#kinds.get(type)
    if (kind === undefined || !config.isMapping) return {}
    acceptRetries(config)
    const parsed = kind.parse(config)
    config.end()
    return parsed
  }
}

function missing(what: string, name: string, known: ReadonlyMap<string, unknown>): string {
  const meant = didYouMean(name, [...known.keys()])
  const fix = meant === '' ? ' Define it before the monitors.' : meant
  return `names the ${what} ${JSON.stringify(name.slice(0, 80))}, which is not defined.${fix}`
}

/** Drivers had their own count once; now a check is made once, and alerts and interventions have one rule each. */
export function acceptRetries(fields: FieldsReader): void {
  if (!fields.has('retries')) return
  fields.any('retries')
  fields.warn(
    'retries',
    'is of an earlier form and has no effect: use unhealthy_threshold to bear more failures, and delete it',
  )
}
