import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { findProgram, type RunningProgram, startProgram } from './installed-program.ts'
import { AT_ONCE, proberOf, sampleOf } from './prober-loop.ts'

const ROUNDS = 3
const WARM_UP_MS = 2000
/** Each HAProxy asks for every so many ms: so many together are 5,000 checks a second. */
const SERVERS = 500
const EVERY_MS = 100
const MODULE = 'modules: { fresh: { prober: http, timeout: 5s, http: { no_follow_redirects: true } } }\n'

/** Makes checks for a while, and says how many for each second of processor time. */
type Round = () => Promise<number>

/** How many checks over connections of their own do other programs make for each second of processor time, beside ours, of the same target? Context: who is not installed is left out. */
export default async function others(bench: Bench): Promise<void> {
  const target = fork(new URL('./probe-target.ts', import.meta.url), { execArgv: [] })
  const [port] = (await once(target, 'message')) as [number]
  await using folder = await mkdtempDisposable(join(tmpdir(), 'millrace-bench-pulse-'))
  await using stack = new AsyncDisposableStack()
  const ms = bench.quick ? 2000 : 5000
  const rounds: [name: string, round: Round][] = []
  const left: string[] = []

  const blackbox = findProgram('prometheus-blackbox-exporter') ?? findProgram('blackbox_exporter')
  if (blackbox === undefined) left.push('blackbox_exporter')
  else {
    const config = join(folder.path, 'blackbox.yml')
    await writeFile(config, MODULE)
    const listens = await freePort()
    const program = stack.use(
      await startProgram(blackbox, [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${listens}`]),
    )
    rounds.push(['blackbox_exporter', scraping(program, listens, `http://127.0.0.1:${port}/health`, ms)])
  }

  const haproxy = findProgram('haproxy')
  if (haproxy === undefined) left.push('HAProxy')
  else {
    const config = join(folder.path, 'haproxy.cfg')
    await writeFile(config, haproxyConfig(port, join(folder.path, 'haproxy.sock')))
    rounds.push(['HAProxy', checking(() => startProgram(haproxy, ['-db', '-q', '-f', config]), target, ms)])
  }

  const { prober, begin } = proberOf(`http://127.0.0.1:${port}`, false)
  stack.use(prober)
  const checks = bench.quick ? 4000 : 20_000
  const ours: Round = async () => 1e6 / (await sampleOf(begin, checks, [])).value
  await ours()
  const found = new Map<string, number[]>([['ours', []], ...rounds.map(([name]): [string, number[]] => [name, []])])
  for (let round = 0; round < ROUNDS; round++) {
    found.get('ours')!.push(await ours())
    for (const [name, make] of rounds) found.get(name)!.push(await make())
  }
  target.disconnect()
  bench.report(
    rounds.map(([name]) =>
      rowBeside('others/checks-per-processor-second', 'checks/s', found.get('ours')!, {
        name,
        values: found.get(name)!,
      }),
    ),
  )
  if (left.length > 0) bench.tell(`Not installed here, and so left out: ${left.join(', ')}.`)
}

/** Asks a blackbox_exporter for one probe after another, as Prometheus does, over connections that are kept. */
function scraping(program: RunningProgram, port: number, url: string, ms: number): Round {
  const path = `/probe?module=fresh&target=${encodeURIComponent(url)}`
  return async () => {
    await using pool = new DisposablePool(`http://127.0.0.1:${port}`)
    const scrape = async (until: number): Promise<number> => {
      let passed = 0
      while (performance.now() < until) {
        const { body } = await pool.pool.request({ path, method: 'GET' })
        if (!(await body.text()).includes('\nprobe_success 1')) throw new Error('blackbox_exporter: a probe failed')
        passed++
      }
      return passed
    }
    const all = (forMs: number) => Promise.all(Array.from({ length: AT_ONCE }, () => scrape(performance.now() + forMs)))
    await all(WARM_UP_MS)
    const before = program.cpuS()
    const passed = await all(ms)
    return passed.reduce((sum, each) => sum + each, 0) / (program.cpuS() - before)
  }
}

class DisposablePool implements AsyncDisposable {
  readonly pool: Pool

  constructor(origin: string) {
    this.pool = new Pool(origin, { connections: AT_ONCE, pipelining: 1 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.destroy()
  }
}

/** Lets a HAProxy check by itself; how often, its target counts. */
function checking(start: () => Promise<RunningProgram>, target: ChildProcess, ms: number): Round {
  const answered = async () => {
    const answer = once(target, 'message')
    target.send('how many?')
    return ((await answer) as [number])[0]
  }
  return async () => {
    await using program = await start()
    await sleep(WARM_UP_MS)
    const [cpuS, count] = [program.cpuS(), await answered()]
    await sleep(ms)
    return ((await answered()) - count) / (program.cpuS() - cpuS)
  }
}

/** @param listens is where it listens, without which it does not start. */
function haproxyConfig(port: number, listens: string): string {
  const servers = Array.from(
    { length: SERVERS },
    (_, server) => `  server s${server} 127.0.0.1:${port} check inter ${EVERY_MS}ms`,
  )
  return `${[
    'global',
    '  nbthread 1',
    'defaults',
    '  mode http',
    '  timeout connect 5s',
    '  timeout server 5s',
    '  timeout client 5s',
    'frontend unused',
    `  bind ${listens}`,
    'backend checked',
    '  option httpchk GET /health',
    '  http-check expect status 200',
    ...servers,
  ].join('\n')}\n`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
