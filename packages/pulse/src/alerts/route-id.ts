import type { Route } from '../monitors/monitor.ts'
import { hashOf } from '../monitors/name-index.ts'

const encoder = new TextEncoder()
const ids = new WeakMap<Route, number>()

/** Names a route by where it leads, 32 bits: the same in another process, and wherever it stands among others. */
export function routeId(route: Route): number {
  let id = ids.get(route)
  if (id === undefined) {
    id = hashOf(encoder.encode(JSON.stringify([route.type, route.config])))
    ids.set(route, id)
  }
  return id
}
