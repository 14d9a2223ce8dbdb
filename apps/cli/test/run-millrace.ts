import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command as npm links it. */
export const BIN = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))
/** Against hangs, below the bound of a test. */
const HANG_MS = 230_000

export interface Ended {
  /** The exit code, or null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** What it has printed to standard output so far. */
  readonly stdout: () => string
}

/** Starts the real command as a user would, in `cwd`, and kills it when it hangs. */
export function startMillrace(cwd: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const started = performance.now()
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    // With the condition and a heap's size set, the command need not start Node again to set them: `bin/node-version.test.ts` shows that it does.
    env: {
      PATH: process.env.PATH ?? '',
      HOME: cwd,
      NODE_OPTIONS: '--conditions=millrace-source --max-semi-space-size=16',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(hang)
      resolve({ code, stdout, stderr, ms: performance.now() - started })
    })
  })
  return { child, ended, stdout: () => stdout }
}

/** Settles when the command has printed what matches to standard output, now or before; fails when it ends without. */
export function printed({ child, ended, stdout }: Running, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (pattern.test(stdout())) resolve(stdout())
    }
    child.stdout?.on('data', look)
    look()
    void ended.then(({ stderr }) => reject(new Error(`It ended before it printed ${pattern}: ${stdout()}\n${stderr}`)))
  })
}

/** Runs the real command to its end. */
export function runMillrace(cwd: string, args: readonly string[], env?: Record<string, string>): Promise<Ended> {
  return startMillrace(cwd, args, env).ended
}

/** A folder of its own for a test, with these files in it, that goes away with the test. */
export class Folder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async with(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
    const folder = new Folder(await mkdtemp(join(tmpdir(), 'millrace-cli-')))
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(folder.at(name)), { recursive: true })
      await writeFile(folder.at(name), text)
    }
    return folder
  }

  at(name: string): string {
    return join(this.path, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The objects of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
