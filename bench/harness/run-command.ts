import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { processTree } from './process-tree.ts'

export interface CommandOptions {
  readonly cwd: string
  /** After this long it and all it started are killed, seconds. */
  readonly boundS: number
  readonly env?: Readonly<Record<string, string>>
  /** Hears of the process when it has started. */
  readonly onStart?: ((child: ChildProcess) => void) | undefined
  /** Hears what the process sends, where it has a channel to do so. */
  readonly onMessage?: (message: unknown) => void
}

export interface CommandEnd {
  /** `code 0`, `SIGSEGV`, or `hung` where it was killed at its bound. */
  readonly end: string
  readonly seconds: number
  readonly stdout: string
  /** The last of it. */
  readonly stderr: string
}

const STDERR_KEPT = 4000
const LOOK_EVERY_MS = 250

/** Runs a program to its end or to its bound; what it leaves behind ends with it. Never throws for how it ends. Linux only. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandEnd> {
  const { cwd, boundS, env, onStart, onMessage } = options
  const started = performance.now()
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let stdout = ''
  let stderr = ''
  let hung = false
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT)
  })
  if (onMessage !== undefined) child.on('message', onMessage)
  onStart?.(child)
  const closed = once(child, 'close')
  // Looked at while it runs: what a program leaves behind has no parent any more by which it could be found.
  const family = new Set<number>()
  const look = setInterval(() => {
    for (const pid of processTree(child.pid!)) family.add(pid)
  }, LOOK_EVERY_MS)
  const bound = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, boundS * 1000)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  const seconds = (performance.now() - started) / 1000
  clearInterval(look)
  clearTimeout(bound)
  for (const pid of family) kill(pid)
  await closed
  return { end: hung ? 'hung' : (signal ?? `code ${code}`), seconds, stdout, stderr }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}
