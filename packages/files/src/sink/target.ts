import { resolve } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import type { Sink } from './sink.ts'

/** What `--out` is where results go to standard output. */
export const STANDARD_OUTPUT = '-'

/**
 * Where the results of a sink go: a file's absolute path, or what the sink itself makes of it. Given its own answer it gives the same.
 * @throws {MillraceError} `OUT_INVALID`.
 */
export function targetOf(sink: Sink, out: string | undefined, cwd: string): string {
  return sink.target?.(out) ?? resolve(cwd, out ?? `millrace-results${sink.extension}`)
}

/**
 * The target of a sink that writes a file, where what was given is none; undefined where it is.
 * @param streams Whether the sink can write to standard output.
 * @throws {MillraceError} `OUT_INVALID`.
 */
export function targetBesideFiles(name: string, out: string | undefined, streams: boolean): string | undefined {
  if (out === undefined) return undefined
  if (/^postgres(ql)?:/.test(out)) {
    throw invalidOut('is the address of a table. Add --sink postgres, or name a file with --out FILE', {
      sink: name,
    })
  }
  if (out !== STANDARD_OUTPUT) return undefined
  if (streams) return STANDARD_OUTPUT
  throw invalidOut(
    `is standard output, where the sink ${name} cannot write: its file is not made from front to back. Name a file with --out FILE`,
    { sink: name, out },
  )
}

/** The error of an output that is none. It is not named: there may be a password in it. */
export function invalidOut(problem: string, detail: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError('OUT_INVALID', `The output ${problem}.`, { detail })
}
