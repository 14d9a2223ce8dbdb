import { once } from 'node:events'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Folder, jsonLines, type Running, runMillrace, startMillrace } from '../run-millrace.ts'
import type { Answer, CommandLine } from './many-millrace.ts'
import { runMany } from './run-many.ts'

/** Against hangs. */
const BOUND_MS = 240_000

let target: Server
let port: number

beforeAll(async () => {
  target = createServer((socket) => socket.on('error', () => {}).end())
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  port = (target.address() as AddressInfo).port
})
afterAll(() => target.close())

/** Who refuses does so at once, however often; who answers has the time that a busy machine needs. */
const timing = (to: number | string) => (to === 1 ? 'interval: 100ms, timeout: 100ms' : 'interval: 1s, timeout: 1s')

function manifest(ports: Readonly<Record<string, number | string>>, more = ''): string {
  const monitors = Object.entries(ports).map(
    ([name, to]) =>
      `  - name: ${name}\n    pulse_check: { type: tcp, ${timing(to)}, unhealthy_threshold: 2, config: { host: 127.0.0.1, port: ${to} } }\n`,
  )
  return `monitors:\n${monitors.join('')}${more}`
}

/** Gives lines of a command that writes JSON, one after the other, as it is waited for them. */
class Lines {
  readonly #running: Running
  readonly #lines: Record<string, unknown>[] = []
  #rest = ''
  #heard = () => {}

  constructor(running: Running) {
    this.#running = running
    running.child.stdout?.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      this.#lines.push(...lines.map((line) => JSON.parse(line)))
      this.#heard()
    })
  }

  /** The next line that has these fields; those before are passed over. */
  async next(fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
        if (Object.entries(fields).every(([name, value]) => line?.[name] === value)) return line
      }
      const ended = this.#running.ended.then(({ stderr }) => {
        throw new Error(`It ended before it said ${JSON.stringify(fields)}: ${stderr}`)
      })
      await Promise.race([new Promise<void>((resolve) => (this.#heard = resolve)), ended])
    }
  }
}

describe('millrace pulse run', { timeout: BOUND_MS }, () => {
  it.concurrent('checks, answers, reads its manifest again, and goes on after a restart', async () => {
    await using folder = await Folder.with({ 'monitors.yaml': manifest({ well: port, ill: 1 }) })
    const limits = ['--max-checks', '10', '--max-checks-per-host', '5', '--max-interventions-per-minute', '9']
    const engine = ['--alert-cool-down', '60', '--overdue-after', '30', '--flap-high', '60', '--flap-low', '30']
    const args = ['pulse', 'run', 'monitors.yaml', '--json', '--port', '0', ...limits, ...engine, '--redrive']
    const running = startMillrace(folder.path, args)
    const lines = new Lines(running)
    expect(await lines.next({ event: 'redriven' })).toMatchObject({ redriven: 0, left: 0 })
    const { url, monitors, tokenFile } = await lines.next({ event: 'started' })
    expect(monitors).toBe(2)
    expect((await stat(String(tokenFile))).mode & 0o777).toBe(0o600)
    const authorization = `Bearer ${(await readFile(String(tokenFile), 'utf8')).trim()}`
    const ask = (path: string, method = 'GET') => fetch(`${url}${path}`, { method, headers: { authorization } })

    expect(await lines.next({ event: 'change', monitor: 'ill', to: 'down' })).toMatchObject({ from: 'degraded' })
    expect((await fetch(`${url}/monitors`)).status).toBe(401)
    expect(await (await ask('/monitors?state=down')).json()).toMatchObject({ monitors: [{ name: 'ill' }] })
    expect(await (await ask('/metrics')).text()).toContain('millrace_pulse_monitors{state="down"} 1\n')
    expect(await (await ask('/monitors/well/pause', 'POST')).json()).toMatchObject({ isPaused: true })

    // Another process may not have the same state.
    const second = await runMillrace(folder.path, args)
    expect([second.code, second.stderr]).toEqual([1, expect.stringMatching(/^millrace: .*\(STORE_BUSY\)\n$/)])

    // As editors save: a file that is being written may be read in between.
    const save = async (text: string) => {
      await writeFile(folder.at('new'), text)
      await rename(folder.at('new'), folder.at('monitors.yaml'))
    }
    await save(manifest({ well: port, ill: 1, third: port }))
    expect(await lines.next({ event: 'reloaded' })).toMatchObject({ added: 1, changed: 0, removed: 0, unchanged: 2 })
    await lines.next({ event: 'change', monitor: 'third', to: 'up' })
    await save(manifest({ well: port, ill: '"x"' }))
    expect(await lines.next({ event: 'fault' })).toMatchObject({ line: 5, monitor: 'ill' })
    expect(await lines.next({ event: 'reload-failed' })).toMatchObject({ code: 'MANIFEST_INVALID' })
    expect(await (await ask('/health')).json()).toMatchObject({ isHealthy: true, monitors: 3 })
    running.child.kill('SIGHUP')
    await lines.next({ event: 'reload-failed' })

    running.child.kill('SIGTERM')
    const stopped = await lines.next({ event: 'stopped' })
    expect(stopped).toMatchObject({ monitors: 3, byState: { down: 1, disabled: 1, up: 1 } })
    const { code, stderr } = await running.ended
    expect([code, stderr]).toEqual([0, expect.stringContaining('Nothing has changed')])

    await writeFile(folder.at('monitors.yaml'), manifest({ well: port, ill: 1 }))
    const again = startMillrace(folder.path, args)
    const { url: newUrl } = await new Lines(again).next({ event: 'started' })
    const found = await fetch(`${newUrl}/monitors`, { headers: { authorization } })
    expect(await found.json()).toMatchObject({ monitors: [{ isPaused: true }, { state: 'down' }] })
    again.child.kill('SIGINT')
    expect((await again.ended).code).toBe(0)
  })

  it.concurrent('tells people what it does, where there is no terminal', async () => {
    await using folder = await Folder.with({ 'monitors.yaml': manifest({ ill: 1 }, '    retries: 2\n') })
    const running = startMillrace(folder.path, ['pulse', 'run', 'monitors.yaml', '--port', '0', '--state', 'kept'])
    await new Promise<void>((resolve) => {
      let text = ''
      running.child.stderr?.on('data', (more) => {
        text += more
        if (text.includes('is down')) resolve()
      })
    })
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended
    expect(stdout).toMatch(/^Pulse {3}1 monitor of monitors.yaml \(save it, or kill -HUP \d+, and it is read again\)\n/)
    expect(stdout).toMatch(/API {5}http:\/\/127\.0\.0\.1:\d+ \(token in kept\/token\)\n/)
    expect(stdout).toMatch(
      /\d+ checks?: 0 passed, \d+ failed; (?:\d+ slots? skipped; )?0 interventions; 0 alerts delivered, .*\n$/,
    )
    expect(stderr).toMatch(
      /^warning monitors\.yaml:4 ill\.retries: .*\nill is degraded, was unknown: .*\nill is down, /,
    )
    expect(code).toBe(0)
  })
})

interface Case {
  readonly name: string
  readonly args: readonly string[]
  readonly code: string
  readonly says: RegExp
}

const cases: readonly Case[] = [
  { name: 'no manifest', args: ['run'], code: 'ARGUMENTS_INVALID', says: /manifest.*pulse run --help/ },
  { name: 'one that is not there', args: ['run', 'gone.yaml'], code: 'MANIFEST_UNREADABLE', says: /gone\.yaml/ },
  {
    name: 'one with faults',
    args: ['run', 'bad.yaml'],
    code: 'MANIFEST_INVALID',
    says: /^fault bad\.yaml:3 ill\.pulse_check\.config\.port: .*\nmillrace: bad\.yaml has 1 fault/,
  },
  {
    name: 'an unknown flag',
    args: ['run', 'good.yaml', '--sate', 'x'],
    code: 'FLAG_UNKNOWN',
    says: /Did you mean --state\?/,
  },
  {
    name: 'a bad port',
    args: ['run', 'good.yaml', '--port', 'http'],
    code: 'FLAG_INVALID',
    says: /--port must be .*65535/,
  },
  {
    name: 'a port that is in use',
    args: ['run', 'good.yaml', '--port', 'USED'],
    code: 'PORT_UNAVAILABLE',
    says: /in use.*--port 0/,
  },
  {
    name: 'tokens that are not there',
    args: ['run', 'good.yaml', '--token-file', 'no'],
    code: 'FLAG_INVALID',
    says: /--token-file cannot be read/,
  },
  {
    name: 'tokens that are none',
    args: ['run', 'good.yaml', '--token-file', 'short'],
    code: 'OPTION_INVALID',
    says: /tokens\[0\] must be 8 to 1000/,
  },
  {
    name: 'a state folder below a file',
    args: ['run', 'good.yaml', '--state', 'good.yaml/x'],
    code: 'STATE_UNWRITABLE',
    says: /another with --state DIR/,
  },
  {
    name: 'a watchman without an address',
    args: ['run', 'good.yaml', '--dead-man', 'ftp://secret'],
    code: 'FLAG_INVALID',
    says: /^(?!.*secret).*--dead-man must be/,
  },
  {
    name: 'a program by its name',
    args: ['run', 'good.yaml', '--allow-command', 'rm'],
    code: 'FLAG_INVALID',
    says: /absolute path of a program, got "rm"/,
  },
  {
    name: 'no checks at all',
    args: ['run', 'good.yaml', '--max-checks', '0'],
    code: 'FLAG_INVALID',
    says: /--max-checks must be .* 1 to/,
  },
  {
    name: 'flapping that ends before it begins',
    args: ['run', 'good.yaml', '--flap-low', '60'],
    code: 'FLAG_INVALID',
    says: /--flap-low must be at most --flap-high, which is 50, got "60"/,
  },
  {
    name: 'a fault that there is not',
    args: ['simulate', '--faults', 'drop=1'],
    code: 'FLAG_INVALID',
    says: /no "drop"\. Did you mean drops\?/,
  },
  {
    name: 'a share above one',
    args: ['simulate', '--faults', 'drops=2'],
    code: 'OPTION_INVALID',
    says: /drops must be .* at most 1/,
  },
  { name: 'a seed that is none', args: ['simulate', '--seed', '-1'], code: 'FLAG_INVALID', says: /--seed must be/ },
  {
    name: 'made-up monitors and a manifest',
    args: ['simulate', 'good.yaml', '--monitors', '5'],
    code: 'FLAG_INVALID',
    says: /--monitors must be left out/,
  },
  {
    name: 'a bad level of the log',
    args: ['run', 'good.yaml', '--log-level', 'x'],
    code: 'FLAG_INVALID',
    says: /silent, error/,
  },
]

describe('millrace pulse', { timeout: BOUND_MS }, () => {
  let folder: Folder
  let answers: readonly Answer[]
  const validations: readonly (readonly string[])[] = [
    ['good.yaml'],
    ['bad.yaml'],
    ['bad.yaml', '--json'],
    ['legacy.yaml'],
    ['legacy.yaml', '--strict'],
    ['gone.yaml', '--json'],
  ]
  const simulated = ['simulate', '--seed', '7', '--monitors', '20', '--checks', '300']
  const simulations: readonly (readonly string[])[] = [
    [...simulated, '--faults', 'none', '--json'],
    [...simulated, '--faults', 'none', '--json'],
    [...simulated, '--faults', 'none,falls=0.05', '--faults', 'heals=0.3'],
    ['simulate', 'good.yaml', '--hours', '0.01', '--faults', 'none', '--json'],
  ]

  beforeAll(async () => {
    folder = await Folder.with({
      'good.yaml': manifest({ well: port }),
      'bad.yaml': manifest({ ill: 99_999 }),
      'legacy.yaml': manifest({ well: port }, '    colour: red\n'),
      short: 'short\n',
    })
    const commands = [
      ...cases.map(({ args }) => args.map((word) => (word === 'USED' ? String(port) : word))),
      ...validations.map((args) => ['validate', ...args]),
      ...simulations,
    ]
    const lines = commands.map((args): CommandLine => ({ cwd: folder.path, args: ['pulse', ...args] }))
    answers = await runMany(lines)
    // Dozens of processes, of which each is bounded.
  }, BOUND_MS)
  afterAll(() => folder[Symbol.asyncDispose]())

  it.each(cases.map((one, index) => [one.name, one, index] as const))('tells of %s', (_, { code, says }, index) => {
    const answer = answers[index]
    expect(answer?.stderr).toMatch(says)
    expect(answer?.stderr).toMatch(new RegExp(`(^|\\n)millrace: .* \\(${code}\\)\n$`))
    expect([answer?.code, answer?.stdout]).toEqual([1, ''])
  })

  it('validate tells what a manifest comes to, and each fault by its place', () => {
    const [good, bad, badJson, legacy, strict, gone] = answers.slice(cases.length)
    expect(good).toMatchObject({ code: 0, stderr: '' })
    expect(good?.stdout).toMatch(
      /good\.yaml: no faults\n.*1; 1 profile\n.*1 tcp\n.*none\n.*nobody hears of 1 monitor: .*\n.*1\.0 checks\/s; 1 under way/,
    )
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('bad.yaml: 1 fault\n') })
    expect(bad?.stderr).toMatch(/^fault bad\.yaml:3 ill\.pulse_check\.config\.port: .*\n$/)
    expect(badJson).toMatchObject({ code: 1, stderr: '' })
    expect(jsonLines(badJson?.stdout ?? '')).toMatchObject([
      { event: 'fault', line: 3, monitor: 'ill', field: 'pulse_check.config.port' },
      { event: 'report', monitors: 0, faults: 1, warnings: 0 },
    ])
    expect(legacy).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^warning legacy\.yaml:4 well\.colour: .*\n$/),
    })
    expect(strict).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^fault legacy\.yaml:4 well\.colour: .*\n$/),
    })
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('(MANIFEST_UNREADABLE)') })
    expect(jsonLines(gone?.stdout ?? '')).toMatchObject([{ event: 'error', code: 'MANIFEST_UNREADABLE' }])
  })

  it('simulate has the same hash for the same seed', () => {
    const [one, other, ill, read] = answers.slice(cases.length + validations.length)
    const { seconds: _, ...report } = jsonLines(one?.stdout ?? '')[0] ?? {}
    expect(report).toMatchObject({ seed: 7, hash: expect.any(String), monitors: 20, violations: [] })
    expect(jsonLines(other?.stdout ?? '')[0]).toMatchObject(report)
    expect(ill?.stdout).toMatch(
      /^Seed {8}7\nMonitors {4}20 over .*\nHappened .*[1-9]\d* transitions.*\n.*\nHash {8}\w+\n/,
    )
    expect(jsonLines(read?.stdout ?? '')[0]).toMatchObject({ monitors: 1, violations: [] })
    expect([one?.code, other?.code, read?.code]).toEqual([0, 0, 0])
  })
})
