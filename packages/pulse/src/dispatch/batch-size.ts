/** Below, a batch costs more to hand over than it saves; above, it holds others up. */
export const MIN_BATCH = 50
export const MAX_BATCH = 100
/** Above this load, batches are as small as they get. */
const HIGH_LOAD = 0.8
/** A batch is to be handed over within so many ms. */
const BATCH_MS = 5

/**
 * How many checks the next batch of the dispatcher may have: {@link MIN_BATCH} to {@link MAX_BATCH}.
 *
 * Under a load above 0.8 the least, so that others have their turn sooner. Otherwise as many as wait, if as many can be handed over within 5 ms. Pure, O(1),
 * allocates nothing.
 * @param loadFactor is the share of the room that is taken, 0 to 1.
 * @param waiting is how many checks, and results of checks, wait.
 * @param checkMs is what handing over one check took lately, in ms; 0 if nobody knows yet.
 */
export function batchSize(loadFactor: number, waiting: number, checkMs: number): number {
  if (loadFactor > HIGH_LOAD) return MIN_BATCH
  const within = checkMs > 0 ? Math.floor(BATCH_MS / checkMs) : MAX_BATCH
  return Math.max(MIN_BATCH, Math.min(MAX_BATCH, waiting, within))
}
