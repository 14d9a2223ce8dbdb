import { type Carrier, floodByCalls, nsPerTask } from '../carrier.ts'
import { closed } from '../within.ts'
import type { Peer, PeerPool, Setting } from './peer.ts'

const TRIALS = 4

/** A pool's echo as a way for polygons, with so many callers. */
export function carrierOf(name: string, pool: PeerPool, callers: number): Carrier {
  const echo = (polygon: Float64Array) => pool.run('echo', polygon)
  return { name, flood: (count, receipts) => floodByCalls(echo, count, receipts, callers) }
}

/** The setting with which a peer echoes fastest on this machine, by a trial of each with so many tasks and callers. */
export async function fastestSetting(peer: Peer, tasks: number, callers: number): Promise<Setting> {
  let fastest: Setting | undefined
  let least = Number.POSITIVE_INFINITY
  for (const setting of peer.settings) {
    const pool = setting.open(1)
    const carrier = carrierOf(peer.name, pool, callers)
    for (let trial = 0; trial < TRIALS; trial++) {
      const ns = await nsPerTask(carrier, tasks)
      if (ns < least) [fastest, least] = [setting, ns]
    }
    await closed(peer.name, pool)
  }
  return fastest!
}
