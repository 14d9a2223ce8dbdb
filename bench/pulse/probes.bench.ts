import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Pool } from 'undici'
import type { Bench } from '../harness/bench.ts'
import { compare } from '../harness/compare.ts'
import { median } from '../harness/median.ts'
import { rowAgainst } from '../harness/row.ts'
import { AT_ONCE, type Begin, proberOf, sampleOf } from './prober-loop.ts'

/** The compiler takes some 10,000 checks until it is done. */
const WARM_UPS = 3
const PROMISED_A_SECOND = 10_000

/** What does an HTTP check cost this process: over a connection of its own, and over one that is kept? All ask the same target, which is in another process. */
export default async function probes(bench: Bench): Promise<void> {
  const target = fork(new URL('./probe-target.ts', import.meta.url), { execArgv: [] })
  const [port] = (await once(target, 'message')) as [number]
  const origin = `http://127.0.0.1:${port}`
  const checks = bench.quick ? 2000 : 6000
  const rounds = bench.quick ? 5 : 9
  const walls = new Map<string, number[]>()
  const sampler = (name: string, begin: Begin) => {
    const seconds: number[] = []
    walls.set(name, seconds)
    return () => sampleOf(begin, checks, seconds)
  }

  const fresh = proberOf(origin, false)
  await using _fresh = fresh.prober
  const pool = new Pool(origin, { connections: AT_ONCE, pipelining: 1 })
  const contenders = {
    ours: sampler('ours', fresh.begin),
    bare: sampler('bare', bareNet(port)),
    undici: sampler('undici', dispatching(pool, true)),
  }
  for (let turn = 0; turn < WARM_UPS; turn++) for (const sample of Object.values(contenders)) await sample()
  for (const seconds of walls.values()) seconds.length = 0
  await compare(bench, {
    id: 'probes/fresh-connections',
    unit: 'µs',
    rounds,
    ours: contenders.ours,
    peers: [
      { name: 'a bare net loop', goal: 0.7, sample: contenders.bare },
      { name: 'undici with reset', goal: 1.5, sample: contenders.undici },
    ],
  })
  const rates = (name: string) => (walls.get(name) ?? []).map((seconds) => checks / seconds)
  bench.report([rowAgainst('probes/fresh-connections-on-the-wall', 'checks/s', rates('ours'), PROMISED_A_SECOND)])
  bench.tell(
    `Fresh connections on the wall, the target on the other core: ours ${figure(rates('ours'))}, a bare net loop ${figure(rates('bare'))}, undici ${figure(rates('undici'))} checks/s. What the bare loop comes to is the limit of this machine.`,
  )

  const kept = proberOf(origin, true)
  await using _kept = kept.prober
  const keptOurs = sampler('kept', kept.begin)
  const keptUndici = sampler('kept undici', dispatching(pool, false))
  for (let turn = 0; turn < WARM_UPS; turn++) {
    await keptOurs()
    await keptUndici()
  }
  await compare(bench, {
    id: 'probes/kept-connections',
    unit: 'µs',
    rounds,
    ours: keptOurs,
    peers: [{ name: 'undici dispatch', goal: 0.7, sample: keptUndici }],
  })
  await pool.destroy()
  target.disconnect()
}

function figure(rates: readonly number[]): string {
  return Math.round(median(rates)).toLocaleString('en-US')
}

/** The least there is: one piece of memory to read into, the status looked for where it mostly is, no deadline, no bound, no name. */
function bareNet(port: number): Begin {
  const request = `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`
  const buffer = new Uint8Array(65_536)
  return (passed) => {
    const callback = () => {
      if (buffer[9] !== 50 || buffer[10] !== 48 || buffer[11] !== 48) throw new Error('not 200')
      socket.resetAndDestroy()
      passed()
      return true
    }
    const socket = connect({ host: '127.0.0.1', port, onread: { buffer, callback } })
    socket.on('connect', () => socket.write(request, 'latin1'))
    socket.on('error', (error) => {
      throw error
    })
  }
}

/** The body is let go by, as there is no way to do without it. */
function dispatching(pool: Pool, reset: boolean): Begin {
  const request = { path: '/health', method: 'GET', reset, headersTimeout: 5000, bodyTimeout: 5000 } as const
  return (passed) => {
    let status = 0
    pool.dispatch(request, {
      onRequestStart() {},
      onResponseStart(_, code) {
        status = code
      },
      onResponseData() {},
      onResponseEnd() {
        if (status !== 200) throw new Error(`answered ${status}`)
        passed()
      },
      onResponseError(_, error) {
        throw error
      },
    })
  }
}
