import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst } from '../harness/row.ts'
import { millrace } from './ours/pool.ts'
import type { Peer, PeerPool } from './peers/peer.ts'
import { peers } from './peers/peers.ts'
import { closed, within } from './within.ts'

/** Time on the wall from `abort()`. */
const GOAL_MS = 1
const BOUND_MS = 2000

interface Cancelling {
  /** From `abort()` until the caller's promise is rejected; infinite when it never was. */
  readonly rejectedMs: number
  /** From `abort()` until the next task, which waited behind, has given its result; infinite when it never did. */
  readonly nextMs: number
  /** Whether that ran in the same thread. */
  readonly isSameThread: boolean
}

/**
 * How soon is a running task cancelled? One thread, in it a task that computes until its context says that it is cancelled: for ever in
 * the pools whose tasks have no such word. Another task waits behind it.
 */
export default async function cancel(bench: Bench): Promise<void> {
  const lines = [
    ['pool', 'caller is rejected, ms', 'worker is at the next task, ms', 'same thread'],
    ['---', '---', '---', '---'],
  ]
  const each = new Map<Peer, Cancelling[]>([millrace, ...peers].map((peer) => [peer, []]))
  for (let round = 0; round < (bench.quick ? 3 : 7); round++) {
    for (const [peer, samples] of each) {
      // One that did not settle within the bound is not waited for again.
      if (samples.some(({ nextMs }) => nextMs === Number.POSITIVE_INFINITY)) continue
      samples.push(...(await cancelSome(peer, peer === millrace ? 20 : 1)))
    }
  }
  for (const [{ name }, samples] of each) {
    const ms = (of: (one: Cancelling) => number) => {
      const values = samples.map(of)
      return values.every(Number.isFinite) ? median(values).toFixed(3) : `not within ${BOUND_MS}`
    }
    const isSame = samples.every(({ isSameThread }) => isSameThread)
    lines.push([name, ms(({ rejectedMs }) => rejectedMs), ms(({ nextMs }) => nextMs), isSame ? 'yes' : 'no'])
  }
  const ours = each.get(millrace)!
  if (!ours.every(({ isSameThread }) => isSameThread)) throw new Error('A worker was replaced, or is lost')
  bench.report([
    rowAgainst(
      'pool/cancel-caller-rejected',
      'ms',
      ours.map(({ rejectedMs }) => rejectedMs),
      GOAL_MS,
    ),
    rowAgainst(
      'pool/cancel-next-task-done',
      'ms',
      ours.map(({ nextMs }) => nextMs),
      GOAL_MS,
    ),
  ])
  bench.tell(
    `From \`abort()\` of a task that runs, medians:\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`,
  )
}

async function cancelSome({ name, settings }: Peer, times: number): Promise<Cancelling[]> {
  const pool = settings[0]!.open(1)
  const samples: Cancelling[] = []
  // The first is a warm-up where there are several.
  for (let time = 0; time < times; time++) samples.push(await cancelOne(pool))
  await closed(name, pool)
  return times > 1 ? samples.slice(1) : samples
}

async function cancelOne(pool: PeerPool): Promise<Cancelling> {
  const before = await pool.run('whichThread', 0)
  const flags = new Int32Array(new SharedArrayBuffer(4))
  await pool.run('lendFlags', flags)
  const controller = new AbortController()
  const { signal } = controller
  const rejected = within(BOUND_MS, 'rejection', rejectionOf(pool.run('runOn', 0, signal), signal))
  await within(BOUND_MS, 'begin', Promise.resolve(Atomics.waitAsync(flags, 0, 0).value))
  const next = within(BOUND_MS, 'next task', Promise.resolve(pool.run('whichThread', 0)))
  const started = performance.now()
  const sinceAbort = () => performance.now() - started
  controller.abort()
  const [rejectedMs, after] = await Promise.all([
    rejected.then(sinceAbort, () => Number.POSITIVE_INFINITY),
    next.then(
      (thread) => ({ thread, ms: sinceAbort() }),
      () => ({ thread: undefined, ms: Number.POSITIVE_INFINITY }),
    ),
  ])
  return { rejectedMs, nextMs: after.ms, isSameThread: after.thread === before }
}

/** Resolves when `call` is rejected. */
async function rejectionOf(call: PromiseLike<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!signal.aborted) throw error
    return
  }
  throw new Error('A task that was cancelled has given a result')
}
