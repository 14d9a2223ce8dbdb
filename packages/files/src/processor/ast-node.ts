/** A node of an ESTree-like tree. Trees come from outside: everything but the type is looked at before it is believed. */
export interface AstNode {
  readonly type: string
  readonly [field: string]: unknown
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && typeof (value as AstNode).type === 'string'
}

/** The nodes in a field that should be a list of nodes. */
export function nodesIn(value: unknown): readonly AstNode[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The node in a field that should be a node. */
export function nodeIn(value: unknown): AstNode | undefined {
  return isNode(value) ? value : undefined
}

/** The text of a string literal, or of a template without substitutions. */
export function stringIn(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (typeof value.value === 'string') return value.value
  if (value.type !== 'TemplateLiteral' || !Array.isArray(value.quasis) || value.quasis.length !== 1) return undefined
  const cooked = (value.quasis[0] as { value?: { cooked?: unknown } } | null)?.value?.cooked
  return typeof cooked === 'string' ? cooked : undefined
}

/** The name in a field: an identifier's, `#name` of a private one, `a.b` of a qualified one, or what a literal key says. */
export function nameIn(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  const { type, name } = value
  if (typeof name === 'string') return type === 'PrivateIdentifier' ? `#${name}` : name
  if (type === 'PrivateName') {
    const inner = nameIn(value.id)
    return inner === undefined ? undefined : `#${inner}`
  }
  if (type === 'TSQualifiedName') return `${nameIn(value.left)}.${nameIn(value.right)}`
  const literal = value.value
  return typeof literal === 'string' || typeof literal === 'number' ? String(literal) : undefined
}

/** The name of a property or class member, undefined where it is computed. */
export function keyName(member: AstNode): string | undefined {
  return member.computed === true && isIdentifier(member.key) ? undefined : nameIn(member.key)
}

/** The property that a member expression reads, undefined where it is computed. */
export function propertyName(member: AstNode): string | undefined {
  return member.computed === true && isIdentifier(member.property) ? undefined : nameIn(member.property)
}

/** Whether the field holds the plain identifier `name`, or any where none is given. */
export function isIdentifier(value: unknown, name?: string): boolean {
  return isNode(value) && value.type === 'Identifier' && (name === undefined || value.name === name)
}
