import { analyseAst, type Placement } from './ast-analysis.ts'
import type { JsonObject } from './ast-dialect.ts'
import type { AstNode } from './ast-node.ts'
import type { DiagnosticFact } from './syntax-record.ts'
import type { TreeFacts } from './tree-facts.ts'

/** The facts of an ESTree or Babel tree that comes without its text: places are told as far as its nodes carry them. */
export function estreeFacts(root: JsonObject): TreeFacts {
  const facts = analyseAst(root as AstNode, placement)
  return { ...facts, lines: linesOf(root), commentRatio: commentRatio(root), diagnostics: diagnostics(root) }
}

interface Located {
  readonly [field: string]: unknown
  readonly start?: unknown
  readonly end?: unknown
  readonly range?: readonly unknown[]
  readonly loc?: { readonly start?: Position; readonly end?: Position } | null
}

interface Position {
  readonly line?: unknown
  readonly column?: unknown
}

const placement: Placement = {
  start: (node) => startOf(node),
  end: (node) => endOf(node),
  line: (node) => numberOr(null, (node as Located).loc?.start?.line),
  endLine: (node) => numberOr(null, (node as Located).loc?.end?.line),
}

function startOf({ start, range }: Located): number | null {
  return numberOr(numberOr(null, range?.[0]), start)
}

function endOf({ end, range }: Located): number | null {
  return numberOr(numberOr(null, range?.[1]), end)
}

/** A program that ends at the start of a line ends with a line feed. */
function linesOf(root: JsonObject): number | null {
  const end = (root as Located).loc?.end
  const line = numberOr(null, end?.line)
  return line !== null && end?.column === 0 ? line - 1 : line
}

function commentRatio(root: JsonObject): number | null {
  if (!Array.isArray(root.comments)) return null
  let length = endOf(root)
  let characters = 0
  for (const comment of root.comments as readonly (Located | null)[]) {
    const start = comment === null ? null : startOf(comment)
    const end = comment === null ? null : endOf(comment)
    if (length === null || start === null || end === null) return null
    characters += end - start
    // Some parsers end the program at its last token, before a last comment.
    length = Math.max(length, end)
  }
  if (length === null) return null
  return length === 0 ? 0 : Math.round((characters / length) * 10_000) / 10_000
}

/** Babel keeps what it recovered from in `errors`; made JSON, an error keeps its code and place. */
function diagnostics({ errors }: JsonObject): readonly DiagnosticFact[] {
  if (!Array.isArray(errors)) return []
  return (errors as readonly (JsonObject | null)[]).map((error) => {
    const message = error?.message ?? error?.reasonCode ?? error?.code
    return {
      message: typeof message === 'string' ? message : 'syntax error',
      severity: 'error',
      start: numberOr(null, error?.pos),
      line: numberOr(null, (error?.loc as Position | null | undefined)?.line),
    }
  })
}

function numberOr(otherwise: number | null, value: unknown): number | null {
  return typeof value === 'number' ? value : otherwise
}
