import { type AstNode, isNode } from './ast-node.ts'

const ALWAYS: readonly string[] = [
  'IfStatement',
  'ConditionalExpression',
  'CatchClause',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'LogicalExpression',
]

/** Types of the nodes that may branch; for assignments, ask {@link branches} alone. */
export const BRANCHING_TYPES: readonly string[] = [...ALWAYS, 'SwitchCase']

/**
 * Whether a node of a branching type, or an assignment, adds a way through its function: McCabe's decisions, "A Complexity
 * Measure" (1976), with short-circuit operators counted as the conditions they are. Optional chains and default values are not counted.
 */
export function branches(node: AstNode): boolean {
  switch (node.type) {
    case 'SwitchCase':
      return isNode(node.test)
    case 'AssignmentExpression':
      return node.operator === '&&=' || node.operator === '||=' || node.operator === '??='
    default:
      return true
  }
}
