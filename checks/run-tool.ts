import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'

/** The folder of this repository. */
export const repository = dirname(import.meta.dirname)

const bin = join(repository, 'node_modules', '.bin')

/** How a command ended and all that it printed. */
export interface ToolResult {
  readonly code: number | null
  readonly output: string
}

/**
 * Runs a command to its end and returns its exit code with stdout and stderr as they came.
 *
 * This repository's `node_modules/.bin` is first in its `PATH`, so that tools and Node itself are the pinned ones.
 * @throws when the command cannot be started.
 */
export function runTool(command: string, args: readonly string[], cwd: string): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const { PATH = '', ...env } = process.env
    const child = spawn(command, args, {
      cwd,
      env: { ...env, PATH: `${bin}${delimiter}${PATH}`, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** The problem a finished tool reports: nothing when it exited 0, else its output under the command's own name. */
export function problemsOf(name: string, { code, output }: ToolResult): string[] {
  return code === 0 ? [] : [`${name} exited ${code}\n${output.trim()}`]
}
