import type { Peer } from './peer.ts'
import { piscina } from './piscina.ts'
import { poolifier } from './poolifier.ts'
import { tinypool } from './tinypool.ts'
import { workerpool } from './workerpool.ts'

/** The pools that people use. */
export const peers: readonly Peer[] = [piscina, tinypool, workerpool, poolifier]
