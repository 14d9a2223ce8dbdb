import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * Reads `+ group` and `- group`; when the pipe ends, whatever group is left is killed. All of it is built into the shell: it
 * starts no process and needs no PATH.
 */
const SCRIPT = `
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

/**
 * Sees to it that no process group outlives this process, however this process ends: a worker in an endless loop never hears
 * that its engine is gone, and would burn a core for ever.
 *
 * A small shell, one for all groups, holds the reading end of a pipe whose writing end only this process has; the system
 * closes it at our death, SIGKILL or not. It costs under 1 MB and no polling. Where there is no `/bin/sh`, workers end by themselves
 * as soon as they are between two files.
 */
class OrphanGuard {
  readonly #groups = new Set<number>()
  #shell: ChildProcess | undefined

  watch(group: number): void {
    this.#groups.add(group)
    if (this.#shell === undefined) this.#start()
    else this.#tell(`+ ${group}\n`)
  }

  release(group: number): void {
    if (!this.#groups.delete(group)) return
    this.#tell(`- ${group}\n`)
    if (this.#groups.size > 0) return
    this.#shell?.stdin?.end()
    this.#shell = undefined
  }

  #start(): void {
    let shell: ChildProcess
    try {
      // A session of its own: what ends the engine's terminal or group leaves it.
      shell = spawn('/bin/sh', ['-c', SCRIPT, 'millrace-guard'], {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        cwd: '/',
        env: {},
      })
    } catch {
      // Short of processes or memory: the next worker's start tries again.
      return
    }
    const forget = () => {
      if (this.#shell === shell) this.#shell = undefined
    }
    shell.once('error', forget)
    shell.once('exit', (_, signal) => {
      const needed = this.#shell === shell && this.#groups.size > 0
      forget()
      // Somebody killed it. One that ended by itself would only do so again.
      if (needed && signal !== null) this.#start()
    })
    // Without descriptors to spare, Node.js hands out a process that has no streams at all.
    const pipe = shell.stdin as Socket | null | undefined
    pipe?.on('error', forget)
    // It is there for as long as this process is, and no reason for this process to be.
    pipe?.unref()
    shell.unref()
    this.#shell = shell
    for (const group of this.#groups) this.#tell(`+ ${group}\n`)
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(line)
  }
}

/** The one of this process. */
export const orphanGuard = new OrphanGuard()
