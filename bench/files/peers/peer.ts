import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CommandEnd, type CommandOptions, runCommand } from '../../harness/run-command.ts'
import { everything } from '../corpus.ts'
import { WORKERS } from '../engine-config.ts'

/** What a tool made of a folder of files. */
export interface PeerRun extends CommandEnd {
  /** Files whose result the tool gave. */
  readonly delivered: number
}

export interface PeerOptions {
  /** Runs the code that all tools have in common, which misbehaves where a file asks for it, in place of the tool's own parsing. */
  readonly userCode: boolean
  /** A folder that one run leaves to the next, empty at first. */
  readonly scratch: string
  readonly boundS: number
  readonly onStart?: CommandOptions['onStart']
}

/** A tool that people use for such work. */
export interface Peer {
  readonly name: string
  /** What of its results outlives a power cut. */
  readonly keeps: string
  /** Whether it can run here; what is missing where it cannot. */
  readonly missing?: string
  /** Runs over all files of a folder, with {@link WORKERS} workers. */
  run(root: string, options: PeerOptions): Promise<PeerRun>
}

const CHUNK = 50
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
/** What a process of these sources is started with. */
const sourceFlags = ['--conditions=millrace-source', '--disable-warning=ExperimentalWarning']

export const jscodeshift: Peer = {
  name: `jscodeshift ${versionOf('jscodeshift')}`,
  keeps: 'files, unsynced',
  async run(root, { userCode, scratch, ...options }) {
    const log = join(scratch, 'jscodeshift.log')
    rmSync(log, { force: true })
    const transform = here(userCode ? './jscodeshift-user-code.cjs' : './jscodeshift-transform.cjs')
    const args = [
      binOf('jscodeshift', 'bin/jscodeshift.js'),
      '-t',
      transform,
      '-c',
      `${WORKERS}`,
      '--no-babel',
      '--dry',
      root,
    ]
    const run = await runCommand(process.execPath, args, {
      cwd: root,
      env: limits({ MILLRACE_BENCH_LOG: log }),
      ...options,
    })
    const told = /(\d+) unmodified[\s\S]*?(\d+) skipped/.exec(run.stdout)
    const delivered = userCode ? linesOf(log) : Number(told?.[1] ?? 0) + Number(told?.[2] ?? 0)
    return { ...run, delivered }
  },
}

export const eslint: Peer = {
  name: `ESLint ${versionOf('eslint')} --concurrency ${WORKERS}`,
  keeps: 'a cache, written at the end',
  async run(root, { userCode, scratch, ...options }) {
    const config = here(userCode ? './eslint-user-code.config.mjs' : './eslint.config.mjs')
    const out = join(scratch, 'eslint.json')
    rmSync(out, { force: true })
    const cache = ['--cache', '--cache-location', join(scratch, 'eslint-cache')]
    const args = ['--config', config, '--concurrency', `${WORKERS}`, ...cache, '-f', 'json', '-o', out, '.']
    const run = await runCommand(process.execPath, [binOf('eslint', 'bin/eslint.js'), ...args], {
      cwd: root,
      env: limits({}),
      ...options,
    })
    return { ...run, delivered: reportedByEslint(out) }
  },
}

const piscina: Peer = {
  name: `piscina ${versionOf('piscina')}, ${CHUNK} files a task`,
  keeps: 'nothing',
  async run(root, options) {
    return counting(
      process.execPath,
      [...sourceFlags, here('./piscina-run.ts'), root, `${WORKERS}`, `${CHUNK}`],
      root,
      options,
    )
  },
}

const bullmq: Peer = {
  name: `BullMQ ${versionOf('bullmq')}, a job a file, Redis with AOF`,
  keeps: 'all but the last second (appendfsync everysec)',
  ...(!installed('redis-server') && { missing: 'redis-server' }),
  async run(root, options) {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-redis-'))
    const port = await freePort()
    const flags = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--appendonly', 'yes']
    const redis = spawn('redis-server', flags, { stdio: 'ignore' })
    const gone = once(redis, 'exit')
    try {
      const args = [...sourceFlags, here('./bullmq-run.ts'), root, `${WORKERS}`, `${port}`]
      return await counting(process.execPath, args, root, options)
    } finally {
      redis.kill()
      await gone
      rmSync(folder, { recursive: true })
    }
  },
}

const parallel: Peer = {
  name: `GNU parallel ${parallelVersion()}, ${CHUNK} files a job`,
  keeps: 'output and a job log, unsynced',
  ...(!installed('parallel') && { missing: 'parallel' }),
  async run(root, { userCode, scratch, ...options }) {
    const job = `${process.execPath} ${sourceFlags.join(' ')} ${here('./parallel-job.ts')} ${root}`
    const log = join(scratch, 'parallel.log')
    const args = ['-j', `${WORKERS}`, '-N', `${CHUNK}`, '--joblog', log, job, ':::', ...readdirSync(root)]
    const run = await runCommand('parallel', args, { cwd: root, env: limits(userCode ? USER_CODE : {}), ...options })
    return { ...run, delivered: run.stdout.split('\n').length - 1 }
  },
}

/** All of them. */
export const peers: readonly Peer[] = [jscodeshift, eslint, piscina, bullmq, parallel]

const USER_CODE = { MILLRACE_BENCH_USER_CODE: '1' }
/** Heap of every process and thread, so that running out of it does not take the machine's memory. */
export const HEAP_MB = 512

function limits(env: Readonly<Record<string, string>>): Record<string, string> {
  return { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`, ...env }
}

async function counting(
  program: string,
  args: readonly string[],
  cwd: string,
  { userCode, scratch: _, ...options }: PeerOptions,
): Promise<PeerRun> {
  let delivered = 0
  const env = limits(userCode ? USER_CODE : {})
  const onMessage = (count: unknown) => {
    delivered = Number(count)
  }
  const run = await runCommand(program, args, { cwd, env, onMessage, ...options })
  return { ...run, delivered }
}

function reportedByEslint(out: string): number {
  try {
    const results = JSON.parse(readFileSync(out, 'utf8')) as { messages: { fatal?: boolean }[] }[]
    return results.filter(({ messages }) => !messages.some(({ fatal }) => fatal === true)).length
  } catch {
    return 0
  }
}

function linesOf(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

function binOf(name: string, bin: string): string {
  return join(everything, name, bin)
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(everything, name, 'package.json'), 'utf8')) as { version: string }).version
}

function parallelVersion(): string {
  const { stdout } = spawnSync('parallel', ['--version'], { encoding: 'utf8' })
  return /parallel (\d+)/.exec(stdout ?? '')?.[1] ?? ''
}

function installed(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
