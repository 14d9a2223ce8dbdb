import { type AstNode, isIdentifier, isNode, keyName, nameIn, nodeIn, nodesIn, propertyName } from './ast-node.ts'
import type { DeclarationKind } from './syntax-record.ts'

const KINDS: ReadonlyMap<string, DeclarationKind> = new Map([
  ['FunctionDeclaration', 'function'],
  ['TSDeclareFunction', 'function'],
  ['ClassDeclaration', 'class'],
  ['ClassExpression', 'class'],
  ['MethodDefinition', 'method'],
  ['TSAbstractMethodDefinition', 'method'],
  ['ClassMethod', 'method'],
  ['ClassPrivateMethod', 'method'],
  ['TSDeclareMethod', 'method'],
  ['PropertyDefinition', 'property'],
  ['TSAbstractPropertyDefinition', 'property'],
  ['AccessorProperty', 'property'],
  ['TSAbstractAccessorProperty', 'property'],
  ['ClassProperty', 'property'],
  ['ClassPrivateProperty', 'property'],
  ['ClassAccessorProperty', 'property'],
  ['TSInterfaceDeclaration', 'interface'],
  ['TSTypeAliasDeclaration', 'type'],
  ['TSEnumDeclaration', 'enum'],
  ['TSModuleDeclaration', 'namespace'],
] as const)

/** Types of the nodes that declare one name. */
export const DECLARING_TYPES: readonly string[] = [...KINDS.keys()]

/** What a node of one of {@link DECLARING_TYPES} declares; undefined where it is nameless or computed. */
export function declarationIn(node: AstNode): { name: string; kind: DeclarationKind } | undefined {
  const kind = KINDS.get(node.type)
  const name = node.key === undefined ? nameIn(node.id) : keyName(node)
  if (kind === undefined || name === undefined) return undefined
  return { name, kind: kind === 'method' ? (ACCESSORS.get(node.kind) ?? kind) : kind }
}

const ACCESSORS: ReadonlyMap<unknown, DeclarationKind> = new Map([
  ['get', 'getter'],
  ['set', 'setter'],
] as const)

/** The names a variable's or parameter's pattern binds, in order. */
export function boundNames(pattern: unknown): string[] {
  if (!isNode(pattern)) return []
  switch (pattern.type) {
    case 'Identifier':
      return nameIn(pattern) === undefined ? [] : [nameIn(pattern)!]
    case 'ObjectPattern':
      return nodesIn(pattern.properties).flatMap((property) => boundNames(property.value ?? property.argument))
    case 'ArrayPattern':
      return nodesIn(pattern.elements).flatMap(boundNames)
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'RestElement':
      return boundNames(pattern.argument)
    default:
      return []
  }
}

/**
 * A function's name: its own, or that of the variable, property, parameter or assignment that its parent puts it in.
 */
export function functionName(node: AstNode, parent: AstNode | undefined): string | undefined {
  const own = nameIn(node.id) ?? (node.key === undefined ? undefined : keyName(node))
  if (own !== undefined || parent === undefined) return own
  switch (parent.type) {
    case 'VariableDeclarator':
      return nameIn(parent.id)
    case 'Property':
    case 'ObjectProperty':
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'ClassProperty':
    case 'ClassPrivateProperty':
    case 'AccessorProperty':
    case 'ClassAccessorProperty':
      return parent.value === node ? keyName(parent) : undefined
    case 'AssignmentExpression':
      return parent.right === node ? assignedName(nodeIn(parent.left)) : undefined
    case 'AssignmentPattern':
      return isIdentifier(parent.left) ? nameIn(parent.left) : undefined
    case 'ExportDefaultDeclaration':
      return 'default'
    default:
      return undefined
  }
}

function assignedName(target: AstNode | undefined): string | undefined {
  if (target === undefined) return undefined
  return target.type === 'MemberExpression' ? propertyName(target) : nameIn(target)
}
