import { globFault } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { describeLimit, type Limit, withinLimit } from './limits.ts'

/**
 * Reads a number that a flag was given.
 * @throws {MillraceError} `FLAG_INVALID` naming the flag, the value and what is allowed.
 */
export function readNumber(flag: string, limit: Limit, text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN
  if (!withinLimit(value, limit)) refuseFlag(flag, describeLimit(limit), text)
  return value
}

/**
 * Reads one of a set of words.
 * @throws {MillraceError} `FLAG_INVALID` naming the flag, the value and what is allowed.
 */
export function readChoice<const T extends string>(flag: string, choices: readonly T[], text: string): T {
  for (const choice of choices) if (choice === text) return choice
  return refuseFlag(flag, `one of ${choices.join(', ')}`, text)
}

/**
 * Reads a flag's text, which may not be empty.
 * @throws {MillraceError} `FLAG_INVALID` naming the flag.
 */
export function readText(flag: string, what: string, text: string): string {
  return text === '' ? refuseFlag(flag, what, text) : text
}

/** For each flag that takes globs, the one that takes what it would leave out. */
const OPPOSITES: Readonly<Record<string, string>> = { '--include': '--exclude', '--exclude': '--include' }

/**
 * Reads a glob.
 * @throws {MillraceError} `FLAG_INVALID` naming the flag, the glob, what is wrong with it and what to write.
 */
export function readGlob(flag: string, glob: string): string {
  const opposite = OPPOSITES[flag]
  const isNegated = opposite !== undefined && /^!(?!\()/.test(glob)
  const fault = isNegated ? `is negated; write ${opposite} ${JSON.stringify(glob.slice(1))}` : globFault(glob)
  if (fault === undefined) return glob
  const shown = JSON.stringify(glob.length <= 80 ? glob : `${glob.slice(0, 80)}…`)
  throw new MillraceError('FLAG_INVALID', `The glob ${shown} of ${flag} ${fault}.`, { detail: { flag, value: glob } })
}

/** @throws {MillraceError} `FLAG_INVALID` naming the flag, the value and what is allowed. */
export function refuseFlag(flag: string, allowed: string, value: string): never {
  throw new MillraceError('FLAG_INVALID', `${flag} must be ${allowed}, got ${JSON.stringify(value)}.`, {
    detail: { flag, value },
  })
}
