import { threadId } from 'node:worker_threads'

/** The same user code in ours and in all pools beside it. */

export function echo(polygon: Float64Array): Float64Array {
  return polygon
}

/** Steps of `stir` in a round of `burn`. */
const STEPS = 64

/** Keeps a processor busy for so many rounds, and returns what cannot be known without them. */
export function burn(rounds: number): number {
  let state = 1
  for (let left = rounds; left > 0; left--) state = stir(state)
  return state
}

/**
 * Park and Miller's generator. PERF: in doubles, and a function that is called often, with nothing to do after its loop: V8 makes code of very
 * different speed of a long loop over integers, in some threads and not in others.
 */
function stir(state: number): number {
  let stirred = state
  for (let step = 0; step < STEPS; step++) stirred = (stirred * 16_807) % 2_147_483_647
  return stirred
}

/** Which thread this is. */
export function whichThread(): number {
  return threadId
}

let flags: Int32Array | undefined

/** Gives this thread what `runOn` tells of itself by. */
export function lendFlags(lent: Int32Array): void {
  flags = lent
}

/** Says that it has begun, then runs until it is told to end: for ever where nobody can tell it. */
export function runOn(isOver: () => boolean): void {
  Atomics.store(flags!, 0, 1)
  Atomics.notify(flags!, 0)
  while (!isOver());
}

/** How a task ends its worker. */
export type Death = 'exit' | 'throw'

export interface Step {
  readonly id: number
  readonly rounds: number
  /** Whether this is the one that ends its worker. */
  readonly death?: Death
}

/** What step `id` gives. */
export function stepResult(id: number): number {
  return 2 * id + 1
}

/** A while of work; one of them ends its worker instead, by leaving or by an error in a callback that nobody awaits. */
export function step({ id, rounds, death }: Step): number | Promise<number> {
  if (death === 'exit') process.exit(1)
  if (death === 'throw') {
    setTimeout(() => {
      throw new Error('out of the blue')
    }, 0)
    return new Promise(() => {})
  }
  burn(rounds)
  return stepResult(id)
}
