import { inspect } from 'node:util'
import { MillraceError } from '@millrace/kernel/errors'
import type { Style } from './text/style.ts'
import { printable } from './text/width.ts'

/** An error as the user reads it: one line, the code last, so that it can be looked up. Never a stack. */
export function errorLine(error: unknown, style: Style): string {
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  return `${style.red('millrace:')} ${printable(message)}${code === undefined ? '' : ` ${style.dim(`(${code})`)}`}`
}

/** Where an error comes from, with its causes: for those who asked for the details. */
export function errorTrace(error: unknown): string {
  return inspect(error, { depth: 4 })
}

/** An error for programs, as `--json` prints it. */
export function errorEvent(error: unknown): Readonly<Record<string, unknown>> {
  const message = error instanceof Error ? error.message : String(error)
  return { event: 'error', code: codeOf(error) ?? null, message }
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof MillraceError) return error.code
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
