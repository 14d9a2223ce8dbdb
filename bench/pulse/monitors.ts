import { Buffer } from 'node:buffer'
import { type Kinds, type MonitorBatch, type Profile, readManifest } from '../../packages/pulse/src/index.ts'
import { hashOf } from '../../packages/pulse/src/monitors/name-index.ts'
import { phaseOf } from '../../packages/pulse/src/schedule/due-times.ts'
import { addressOf } from './targets.ts'

const BATCH = 1000

/** Monitors by number, spread over hosts in turn: what they are called, where they look, when their slots are. */
export interface Monitors {
  readonly count: number
  readonly hosts: number
  readonly port: number
}

export function nameOf(monitor: number): string {
  return `api-${monitor}`
}

export function urlOf(monitor: number, { hosts, port }: Monitors): string {
  return `http://${addressOf(monitor % hosts)}:${port}/health/${monitor}`
}

/** The number at the end of a name or of a URL. */
export function numberOf(text: string): number {
  let number = 0
  let unit = 1
  for (let at = text.length - 1; at >= 0; at--, unit *= 10) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) break
    number += digit * unit
  }
  return number
}

/** Of each monitor where in its interval its slots are, in ms. */
export function phasesOf(count: number, intervalMs: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, monitor) => phaseOf(hashOf(Buffer.from(nameOf(monitor))), intervalMs))
}

/** The profile that a manifest's monitor has. @param fields are those beside its name. */
export async function profileOf(kinds: Kinds, fields: object): Promise<Profile> {
  const line = JSON.stringify({ name: 'one', ...fields })
  const manifest = readManifest([Buffer.from(line)], {
    kinds,
    format: 'ndjson',
  })
  for await (const { profiles } of manifest) return profiles[0]!
  throw new Error('There is no monitor in the manifest')
}

/** As a manifest would bring them. @param profileNumberOf chooses among `profiles`. */
export function* batchesOf(
  monitors: Monitors,
  profiles: readonly Profile[],
  profileNumberOf: (monitor: number) => number = () => 0,
): Generator<MonitorBatch> {
  for (let from = 0; from < monitors.count; from += BATCH) {
    const count = Math.min(BATCH, monitors.count - from)
    const texts: Buffer[] = []
    for (let monitor = from; monitor < from + count; monitor++) {
      texts.push(Buffer.from(nameOf(monitor)), Buffer.from(urlOf(monitor, monitors)))
    }
    yield {
      profiles: from === 0 ? profiles : [],
      text: Buffer.concat(texts),
      lengths: Uint32Array.from(texts, ({ length }) => length),
      profileNumbers: Uint32Array.from({ length: count }, (_, at) => profileNumberOf(from + at)),
      lines: new Uint32Array(count),
    }
  }
}
