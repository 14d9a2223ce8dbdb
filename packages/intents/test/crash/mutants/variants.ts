import type { Sink } from '../../../src/sink/sink.ts'
import { givesUpAlone } from './gives-up-alone.ts'
import { locksAsTheyCome } from './locks-as-they-come.ts'
import { lostIsRolledBack } from './lost-is-rolled-back.ts'
import { settledEarly } from './settled-early.ts'
import { unfencedRetry } from './unfenced-retry.ts'

/** The sink of the server at `url` as it is, or broken on purpose. */
export const VARIANTS = {
  real: (sink) => sink,
  'settled early': settledEarly,
  'unfenced retry': unfencedRetry,
  'lost is rolled back': lostIsRolledBack,
  'gives up alone': givesUpAlone,
  'locks as they come': locksAsTheyCome,
} as const satisfies Record<string, (sink: Sink, url: string) => Sink>

export type Variant = keyof typeof VARIANTS
