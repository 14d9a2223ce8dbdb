import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { getPriority, setPriority } from 'node:os'
import type { Clock, Timer } from '@millrace/kernel/clock'
import { orphanGuard } from './orphan-guard.ts'
import { OutputGate } from './output-gate.ts'

/** Starts a Node.js process with a channel to it, as `fork` of `node:child_process` does. */
export type ForkProcess = (entry: URL, args: readonly string[], options: ForkOptions) => ChildProcess

export interface WorkerProcessGroupOptions {
  readonly clock: Clock
  readonly fork?: ForkProcess | undefined
  readonly entry: URL
  /** Flags of Node.js. */
  readonly execArgv: readonly string[]
  readonly onMessage: (message: unknown) => void
  /** The channel was closed; the process may be gone, or not. */
  readonly onDisconnect: () => void
  readonly onOutput?: ((line: string) => void) | undefined
}

/** How a process ended. */
export interface ProcessEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** What the system said where the process could not be started. */
  readonly error: NodeJS.ErrnoException | undefined
  /** The end of what it printed on stderr. */
  readonly stderr: string
}

/** How long the last words of a dead process are waited for. */
const LAST_WORDS_MS = 500
/** The end of a process's error output that is kept, bytes: V8's word on why it aborts stands before a long native stack. */
const STDERR_KEPT = 16 * 1024

const HAS_GROUPS = process.platform !== 'win32'

/**
 * A process that is started with a group of its own, and everything it starts in its turn: they end together, when it is killed, when it ends by
 * itself, and when this process is gone.
 */
export class WorkerProcessGroup {
  /** Settles when the process is gone and its last words are read. */
  readonly ended: Promise<ProcessEnd>
  readonly #child: ChildProcess | undefined
  #gone = false
  #stderr: Buffer = Buffer.alloc(0)

  /** Never throws: a process that cannot be started has ended with the error. */
  constructor(options: WorkerProcessGroupOptions) {
    try {
      // Through a variable of the port's type, which takes its flags as read-only.
      const start: ForkProcess = options.fork ?? fork
      this.#child = start(options.entry, [], {
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        execArgv: [...options.execArgv],
        // Read by glibc: an arena a thread holds memory that no thread uses.
        env: { MALLOC_ARENA_MAX: '2', ...process.env },
        // A group of its own; on Windows it would be a console window of its own.
        detached: HAS_GROUPS,
      })
    } catch (error) {
      this.#gone = true
      const end = { exitCode: null, signal: null, error: error as NodeJS.ErrnoException, stderr: '' }
      this.ended = Promise.resolve(end)
      return
    }
    this.ended = this.#attend(this.#child, options)
  }

  /** 0 where it could not be started. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  send(message: object): void {
    // A process that is gone cannot be told anything, and one that was not started may have no channel; its end says what there is to say.
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  /** Ends all of it at once. */
  kill(): void {
    const pid = this.#child?.pid
    if (pid === undefined || this.#gone) return
    if (HAS_GROUPS) killGroup(pid)
    else this.#child!.kill('SIGKILL')
  }

  #attend(child: ChildProcess, { clock, onMessage, onDisconnect, onOutput }: WorkerProcessGroupOptions) {
    const { pid } = child
    const output = new OutputGate(() => clock.now(), onOutput ?? (() => {}))
    child.stdout?.on('data', (chunk: Buffer) => output.push('stdout', chunk))
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#keepEnd(chunk)
      output.push('stderr', chunk)
    })
    child.on('message', onMessage)
    child.once('disconnect', onDisconnect)
    if (pid !== undefined) {
      stepBack(pid)
      if (HAS_GROUPS) orphanGuard.watch(pid)
    }
    return new Promise<ProcessEnd>((resolve) => {
      let error: NodeJS.ErrnoException | undefined
      let patience: Timer | undefined
      let over = false
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        if (over) return
        over = true
        this.#gone = true
        patience?.cancel()
        output.end()
        resolve({ exitCode, signal, error, stderr: this.#stderr.toString() })
      }
      child.once('exit', (code, signal) => {
        // What it started and left behind; its number is not given anew while the group has members.
        this.kill()
        this.#gone = true
        if (pid !== undefined && HAS_GROUPS) orphanGuard.release(pid)
        // A process that left the group may hold the pipes open for ever.
        patience = clock.after(LAST_WORDS_MS, () => {
          child.stdout?.destroy()
          child.stderr?.destroy()
          end(code, signal)
        })
      })
      // `close`, not `exit`: the last words on stderr belong to the evidence.
      child.once('close', end)
      child.on('error', (failure) => {
        error ??= failure
        if (child.pid === undefined) end(null, null)
      })
    })
  }

  #keepEnd(chunk: Buffer): void {
    this.#stderr =
      chunk.length >= STDERR_KEPT
        ? Buffer.from(chunk.subarray(-STDERR_KEPT))
        : Buffer.concat([this.#stderr, chunk]).subarray(-STDERR_KEPT)
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

/** A little below normal. */
const WORKER_PRIORITY = 5

/**
 * Lets the engine go before its workers, and whatever else the machine does: the one that feeds them all should never wait
 * for one of them.
 *
 * PERF: with as many workers as cores this saves about a twentieth of a job's time (`bench/files/end-to-end.bench.ts`).
 */
function stepBack(pid: number): void {
  try {
    // Where the engine itself was told to step back further, they stay there.
    setPriority(pid, Math.max(WORKER_PRIORITY, getPriority()))
  } catch {
    // It is gone already, or the system does not allow it: its work is the same.
  }
}
