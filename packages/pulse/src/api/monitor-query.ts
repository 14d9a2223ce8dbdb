import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import { STATE_NAMES, type StateName } from '../lifecycle/states.ts'
import type { MonitorQuery } from '../pulse.ts'

/** Parameters by name, with all their values. */
type Parameters = Readonly<Record<string, readonly string[]>>

const LIMIT = { fallback: 100, max: 1000 }

/**
 * Which monitors a query string asks for: `state` and `tag`, repeated or with commas between, `name`, `after`, `limit`.
 * @throws {MillraceError} `QUERY_INVALID`.
 */
export function monitorQuery(parameters: Parameters): MonitorQuery & { readonly limit: number } {
  refuseOthers(parameters, ['state', 'tag', 'name', 'after', 'limit'])
  const states = several(parameters, 'state')
  const tags = several(parameters, 'tag')
  const name = one(parameters, 'name')
  const after = one(parameters, 'after')
  return {
    ...(states !== undefined && { states: states.map(stateName) }),
    ...(tags !== undefined && { tags }),
    ...(name !== undefined && { name }),
    ...(after !== undefined && { after }),
    limit: readLimit(parameters),
  }
}

/** @throws {MillraceError} `QUERY_INVALID`. */
export function limitQuery(parameters: Parameters): number {
  refuseOthers(parameters, ['limit'])
  return readLimit(parameters)
}

/** The one parameter there may be, `monitor`. @throws {MillraceError} `QUERY_INVALID`. */
export function monitorParameter(parameters: Parameters): string | undefined {
  refuseOthers(parameters, ['monitor'])
  return one(parameters, 'monitor')
}

/** @throws {MillraceError} `QUERY_INVALID`. */
export function refuseQuery(parameter: string, message: string): never {
  throw new MillraceError('QUERY_INVALID', message, { detail: { parameter } })
}

function readLimit(parameters: Parameters): number {
  const text = one(parameters, 'limit')
  if (text === undefined) return LIMIT.fallback
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= LIMIT.max) return limit
  return refuseQuery('limit', `limit must be a whole number from 1 to ${LIMIT.max}, not ${shown(text)}.`)
}

function refuseOthers(parameters: Parameters, known: readonly string[]): void {
  for (const name of Object.keys(parameters)) {
    if (!known.includes(name))
      refuseQuery(shown(name), `There is no parameter ${shown(name)} here; there is ${known.join(', ')}.`)
  }
}

function several(parameters: Parameters, name: string): readonly string[] | undefined {
  return Object.hasOwn(parameters, name)
    ? parameters[name]?.flatMap((text) => text.split(',')).filter((text) => text !== '')
    : undefined
}

function one(parameters: Parameters, name: string): string | undefined {
  const [value, ...others] = Object.hasOwn(parameters, name) ? (parameters[name] ?? []) : []
  return others.length === 0 ? value : refuseQuery(name, `${name} can be given once only.`)
}

function stateName(text: string): StateName {
  for (const name of STATE_NAMES) if (name === text) return name
  return refuseQuery('state', `state must be one of ${STATE_NAMES.join(', ')}, not ${shown(text)}.`)
}

function shown(text: string): string {
  return show(text.slice(0, 100))
}
