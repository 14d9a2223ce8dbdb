import { spawn } from 'node:child_process'

export interface RunProgramOptions {
  readonly cwd: string
  /** What it reads. @default nothing */
  readonly input?: Uint8Array
  /** After so many milliseconds it is ended. @default never */
  readonly withinMs?: number
}

/** How a program ended. */
export interface ProgramEnd {
  /** Null where it did not end by itself. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  /** Its last {@link MAX_STDERR_CHARS} characters. */
  readonly stderr: string
  /** What kept it from running, as the end of a sentence about it. */
  readonly failure?: string
}

/** Most that a program may print; one that prints more is ended. */
const MAX_STDOUT_BYTES = 64 * 1024 * 1024
const MAX_STDERR_CHARS = 4096

/** Runs a program to its end, without a shell. Never rejects: how it failed is in what it gives. */
export function runProgram(argv: readonly string[], { cwd, input, withinMs }: RunProgramOptions): Promise<ProgramEnd> {
  const [program = '', ...args] = argv
  return new Promise((resolve) => {
    const printed: Buffer[] = []
    let bytes = 0
    let stderr = ''
    let failure: string | undefined
    const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
    const end = (why: string) => {
      failure ??= why
      child.kill('SIGKILL')
    }
    const timer =
      withinMs === undefined ? undefined : setTimeout(() => end(`had not ended after ${withinMs / 1000} s`), withinMs)
    const settle = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer)
      const stdout = Buffer.concat(printed).toString('utf8')
      resolve({
        exitCode: failure === undefined ? exitCode : null,
        signal,
        stdout,
        stderr,
        ...(failure !== undefined && { failure }),
      })
    }
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_STDOUT_BYTES) end(`printed more than ${MAX_STDOUT_BYTES / 1024 / 1024} MiB`)
      else printed.push(chunk)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-MAX_STDERR_CHARS)
    })
    // A program need not read what it is given.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??=
        error.code === 'ENOENT'
          ? 'is not there (is it installed, and in the PATH?)'
          : `could not be started (${error.code ?? error.message})`
      settle(null, null)
    })
    child.on('close', settle)
  })
}
