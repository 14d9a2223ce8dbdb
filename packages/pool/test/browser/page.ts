import { holds, promisesIn } from '../conformance/conformance.ts'
import { type Host, HostPlace, type Mode } from '../conformance/place.ts'

/** What the test calls in a page. */
export interface PoolPage {
  /** Whether memory may be shared here. */
  readonly isIsolated: boolean
  readonly promisesIn: (mode: Mode) => string[]
  /** Rejects unless the promise holds. */
  readonly holds: (name: string, mode: Mode) => Promise<void>
  readonly close: () => Promise<void>
}

declare global {
  var poolPage: PoolPage | undefined
}

/** Makes a page of the pools whose workers come from `host`. */
export function openPage(host: Host): void {
  const places = new Map<Mode, HostPlace>()
  const placeOf = (mode: Mode) => {
    const place = places.get(mode) ?? new HostPlace(mode, host)
    places.set(mode, place)
    return place
  }
  globalThis.poolPage = {
    isIsolated: (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === true,
    promisesIn,
    holds: (name, mode) => holds(name, placeOf(mode)),
    close: async () => {
      await Promise.all(Array.from(places.values(), (place) => place.close()))
    },
  }
}
