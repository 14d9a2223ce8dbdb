/**
 * To be run by Node: runs the command lines of its first argument, JSON, one after another in this one process, each through the command's own
 * entry, and prints how they ended.
 */
import type { Ended } from '../run-millrace.ts'

export interface CommandLine {
  readonly cwd: string
  readonly args: readonly string[]
}

/** How a command ended. */
export type Answer = Omit<Ended, 'ms'>

const MAIN = new URL('../../src/main.ts', import.meta.url).href

/** Keeps what is written to a stream until it is disposed. */
class Captured implements Disposable {
  readonly #stream: NodeJS.WriteStream
  text = ''

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    stream.write = (chunk: string | Uint8Array) => {
      this.text += String(chunk)
      return true
    }
  }

  [Symbol.dispose](): void {
    // The stream's own is its prototype's.
    Reflect.deleteProperty(this.#stream, 'write')
  }
}

async function run({ cwd, args }: CommandLine, index: number): Promise<Answer> {
  process.chdir(cwd)
  process.env.HOME = cwd
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...args)
  using stdout = new Captured(process.stdout)
  using stderr = new Captured(process.stderr)
  // A module runs once for each name that it is imported by.
  await import(`${MAIN}?${index}`)
  return { code: Number(process.exitCode), stdout: stdout.text, stderr: stderr.text }
}

// Each run listens for its own errors of these.
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0)

const ended: Answer[] = []
const lines = JSON.parse(process.argv[2] ?? '[]') as readonly CommandLine[]
for (const [index, line] of lines.entries()) ended.push(await run(line, index))
process.exitCode = 0
process.stdout.write(JSON.stringify(ended))
