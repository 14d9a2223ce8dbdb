import { MillraceError } from '@millrace/kernel/errors'
import picomatch from 'picomatch'
import type { DiscoveredFile } from '../file.ts'

/** Batch priorities: a higher one is handed out first, and a waiting lower one rises with age, so that none starves. */
export const BatchPriority = { LOW: 0, MEDIUM: 1, HIGH: 2, CRITICAL: 3 } as const
export type BatchPriority = (typeof BatchPriority)[keyof typeof BatchPriority]

/** One rule: a file that meets every condition given has this priority. */
export interface PriorityRule {
  readonly priority: BatchPriority
  /** A glob against the path below the root; one without a slash matches the name in any folder. */
  readonly glob?: string
  /** The file's language, for example `typescript`. */
  readonly language?: string
  /** Smallest size, bytes. */
  readonly minBytes?: number
  /** Largest size, bytes. */
  readonly maxBytes?: number
  /** Modified at most this long ago, milliseconds. */
  readonly newerThanMs?: number
  /** Modified at least this long ago, milliseconds. */
  readonly olderThanMs?: number
}

export type PriorityFunction = (file: DiscoveredFile) => BatchPriority

/**
 * Makes one function of the rules: the first rule whose conditions a file meets gives its priority, no rule MEDIUM.
 *
 * Ages are told against `nowMs`, once for the whole job, so that a file's priority does not depend on when it is asked for.
 * @throws {MillraceError} `OPTION_INVALID` where a rule or what the function returns is not a priority.
 */
export function compilePriority(
  rules: readonly PriorityRule[] | PriorityFunction | undefined,
  nowMs: number,
): PriorityFunction {
  if (rules === undefined) return () => BatchPriority.MEDIUM
  if (typeof rules === 'function')
    return (file) => checkPriority(rules(file), `the priority function, for ${file.path}`)
  const compiled = rules.map((rule, index) => compileRule(rule, index, nowMs))
  return (file) => {
    for (const { matches, priority } of compiled) if (matches(file)) return priority
    return BatchPriority.MEDIUM
  }
}

function compileRule(rule: PriorityRule, index: number, nowMs: number) {
  const priority = checkPriority(rule.priority, `priority rule ${index + 1}`)
  const conditions: ((file: DiscoveredFile) => boolean)[] = []
  const { glob, language, minBytes, maxBytes, newerThanMs, olderThanMs } = rule
  if (glob !== undefined) {
    const matches = picomatch(glob, { dot: true, basename: !glob.includes('/'), flags: 's' })
    conditions.push((file) => matches(file.path))
  }
  if (language !== undefined) conditions.push((file) => file.language === language)
  if (minBytes !== undefined) conditions.push((file) => file.size >= minBytes)
  if (maxBytes !== undefined) conditions.push((file) => file.size <= maxBytes)
  if (newerThanMs !== undefined) conditions.push((file) => nowMs - file.mtimeMs <= newerThanMs)
  if (olderThanMs !== undefined) conditions.push((file) => nowMs - file.mtimeMs >= olderThanMs)
  return { priority, matches: (file: DiscoveredFile) => conditions.every((holds) => holds(file)) }
}

function checkPriority(value: unknown, where: string): BatchPriority {
  if (value === 0 || value === 1 || value === 2 || value === 3) return value
  throw new MillraceError(
    'OPTION_INVALID',
    `${where} gives ${String(value)}, which is no priority. Use BatchPriority.LOW, MEDIUM, HIGH or CRITICAL (0 to 3).`,
    { detail: { where, value } },
  )
}
