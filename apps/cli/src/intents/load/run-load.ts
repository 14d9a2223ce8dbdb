import type { Clock } from '@millrace/kernel/clock'
import type { LoadPlan } from '../../config/intents-load.ts'
import type { LoadClient } from './load-client.ts'
import { type LoadResult, LoadTally } from './load-tally.ts'

/** What a load stands on. */
export interface LoadPorts {
  readonly client: LoadClient
  readonly clock: Clock
  readonly random: () => number
  /** Ends it early. */
  readonly signal: AbortSignal
  /** Told once a second how far it is. */
  readonly onSecond: (result: LoadResult) => void
}

/** Intents that may be on their way at once: what a server leaves unanswered beyond is not sent, and counted. */
const MOST_UNANSWERED = 100_000
/** Of these so many to a connection, where it sends as fast as it goes. A request has one. */
const SOCKET_DEPTH = 128
/** Ms for the last answers. */
const PATIENCE_MS = 10_000

/**
 * Sends intents, each at its time whatever became of those before (an open loop), so that a server that stalls is not spared meanwhile; latency
 * is counted from that time, not from when it was really sent. Without a rate each connection always has as many as it can carry.
 */
export function runLoad(plan: LoadPlan, { client, clock, random, signal, onSecond }: LoadPorts): Promise<LoadResult> {
  const tally = new LoadTally()
  const from = clock.now()
  const lastsMs = plan.seconds * 1000
  const isPaced = plan.rate < Number.POSITIVE_INFINITY
  const depth = plan.connections * (plan.isWebSocket ? SOCKET_DEPTH : 1)
  const { promise, resolve } = Promise.withResolvers<LoadResult>()
  let isOver = false
  let planned = 0
  let told = 0

  function send(at: number): void {
    if (tally.unanswered >= MOST_UNANSWERED) {
      tally.withheld++
      return
    }
    tally.sent++
    client.send(plan.intentText(planned, random()), (failure) => {
      tally.ended(failure, clock.now() - at)
      if (isOver) end()
      else if (!isPaced && failure === undefined) fill()
    })
  }

  function fill(): void {
    while (tally.unanswered < depth && !isDue()) {
      planned++
      send(clock.now())
    }
  }

  function isDue(): boolean {
    return isOver || signal.aborted || clock.now() - from >= lastsMs
  }

  function pace(): void {
    const passedMs = Math.min(clock.now() - from, lastsMs)
    if (isPaced) {
      for (; planned < Math.floor((passedMs / 1000) * plan.rate); planned++) send(from + (planned / plan.rate) * 1000)
    } else fill()
    if (passedMs >= (told + 1) * 1000) {
      told = Math.floor(passedMs / 1000)
      onSecond(tally.result(passedMs / 1000))
    }
    if (passedMs >= lastsMs || signal.aborted) finish()
    else clock.after(1, pace)
  }

  function finish(): void {
    isOver = true
    const patience = clock.after(PATIENCE_MS, () => resolve(resultNow()))
    signal.addEventListener('abort', () => resolve(resultNow()), { once: true })
    void promise.then(() => patience.cancel())
    end()
  }

  function end(): void {
    if (tally.unanswered === 0 || signal.aborted) resolve(resultNow())
  }

  function resultNow(): LoadResult {
    return tally.result(Math.max(0.001, (clock.now() - from) / 1000))
  }

  pace()
  return promise
}
