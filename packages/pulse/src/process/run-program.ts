import { type ChildProcess, spawn } from 'node:child_process'

export interface ProgramOptions {
  /** The program's path, and what it is called with. No shell reads it. */
  readonly argv: readonly string[]
  /** All it has of an environment. */
  readonly env: Readonly<Record<string, string>>
  /** When it aborts, the program and what it started in its group are killed. */
  readonly signal: AbortSignal
  /** Hears the lines of what it prints on stdout, as they come. */
  readonly onLine?: ((line: string) => void) | undefined
  /** Hears the lines of what it prints on stderr. */
  readonly onErrorLine?: ((line: string) => void) | undefined
}

/** How a program ended. */
export interface ProgramEnd {
  /** Undefined where it did not end by itself. */
  readonly exitCode: number | undefined
  readonly killedBy: NodeJS.Signals | undefined
  /** What the system said where it could not be started: then nothing ran. */
  readonly error: NodeJS.ErrnoException | undefined
  /** The last line it printed on stderr, or else on stdout, of at most 200 characters. */
  readonly lastLine: string
}

/** What is read of one line; of all that a program prints, no more is kept. */
const MAX_LINE = 4096
const SAID_LENGTH = 200
/** How long the last words of a program are waited for: what it left running may have its output, and keep it. */
const LAST_WORDS_MS = 100
/** One that does not even die waits for a device, and nobody can end it. */
const DEATH_MS = 1000

const HAS_GROUPS = process.platform !== 'win32'

/** Runs a program to its end, or to its signal's. Never throws; what it prints is heard line by line, and not kept. */
export function runProgram({ argv, env, signal, onLine, onErrorLine }: ProgramOptions): Promise<ProgramEnd> {
  const said = { out: '', err: '' }
  const endWith = (end: Partial<ProgramEnd>): ProgramEnd => ({
    exitCode: undefined,
    killedBy: undefined,
    error: undefined,
    lastLine: (said.err || said.out).trim().slice(0, SAID_LENGTH),
    ...end,
  })
  let child: ChildProcess
  try {
    signal.throwIfAborted()
    const [file = '', ...args] = argv
    child = spawn(file, args, {
      env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: HAS_GROUPS,
      windowsHide: true,
    })
  } catch (error) {
    return Promise.resolve(endWith({ error: error as NodeJS.ErrnoException }))
  }
  return new Promise((resolve) => {
    let patience: NodeJS.Timeout | undefined
    const kill = () => {
      killGroup(child)
      patience = setTimeout(() => end({ killedBy: 'SIGKILL' }), DEATH_MS)
    }
    signal.addEventListener('abort', kill, { once: true })
    const end = (how: Partial<ProgramEnd>) => {
      signal.removeEventListener('abort', kill)
      clearTimeout(patience)
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve(endWith(how))
    }
    hearLines(child.stdout, (line) => {
      if (line.trim() !== '') said.out = line
      onLine?.(line)
    })
    hearLines(child.stderr, (line) => {
      if (line.trim() !== '') said.err = line
      onErrorLine?.(line)
    })
    child.once('error', (error) => {
      if (child.pid === undefined) end({ error })
    })
    child.once('exit', (exitCode, killedBy) => {
      const how = { exitCode: exitCode ?? undefined, killedBy: killedBy ?? undefined }
      clearTimeout(patience)
      patience = setTimeout(() => end(how), LAST_WORDS_MS)
      child.once('close', () => end(how))
    })
  })
}

function hearLines(stream: NodeJS.ReadableStream | null, hear: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8')
  stream?.on('error', () => {})
  stream?.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    // What goes on without an end of the line is cut.
    rest = lines.pop()!.slice(0, MAX_LINE)
    for (const line of lines) hear(line)
  })
  stream?.on('end', () => {
    if (rest !== '') hear(rest)
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    if (HAS_GROUPS) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It is gone already.
  }
}
