import { type FoundTree, isLabelled, type JsonObject } from './ast-dialect.ts'
import type { TreeFacts } from './tree-facts.ts'

/**
 * The facts of a tree whose language nobody here knows: how many nodes, how deep, and how many lines if it says so.
 *
 * A node is an object with the root's kind of label; objects and lists between nodes count for nothing. O(objects), without recursion.
 */
export function shapeFacts({ root, label }: FoundTree): TreeFacts {
  let nodes = 0
  let depth = 0
  const waiting: JsonObject[] = [root]
  const depths: number[] = [1]
  while (waiting.length > 0) {
    const value = waiting.pop()!
    let inner = depths.pop()!
    if (isLabelled(value, label)) {
      nodes++
      if (inner > depth) depth = inner
      inner++
    }
    for (const field in value) {
      const below = value[field]
      if (typeof below !== 'object' || below === null) continue
      waiting.push(below as JsonObject)
      depths.push(inner)
    }
  }
  return {
    lines: linesOf(root),
    nodes,
    depth,
    complexity: null,
    commentRatio: null,
    imports: [],
    exports: [],
    declarations: [],
    functions: [],
    diagnostics: [],
  }
}

/** tree-sitter counts rows from 0, as `endPosition: {row, column}`, `end_point: {row, column}` or `end_point: [row, column]`. */
function linesOf({ endPosition, end_point }: JsonObject): number | null {
  const point = (endPosition ?? end_point) as
    | { row?: unknown; column?: unknown }
    | readonly unknown[]
    | null
    | undefined
  if (typeof point !== 'object' || point === null) return null
  const [row, column] = 'row' in point ? [point.row, point.column] : (point as readonly unknown[])
  return typeof row === 'number' ? row + (column === 0 ? 0 : 1) : null
}
