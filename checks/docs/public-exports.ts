import { posix } from 'node:path'
import type { Directive, Program, Statement } from 'oxc-parser'
import { readModules } from '../read-modules.ts'

/** What a package exports: each name with the names of its members (fields, methods, keys), none where it has none. */
export type PublicExports = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Reads what the module at `path` below `root` exports, through re-exports of other files of the package. Types count.
 *
 * Members are those written in the declaration of an interface, a class, an object type or an object constant, and those
 * an interface or class inherits from a declaration in the same file.
 */
export function readExports(root: string, path: string): PublicExports {
  const [module] = readModules(root, [path])
  const exported = new Map<string, Set<string>>()
  const add = (name: string, members: Iterable<string>): void => {
    exported.set(name, new Set([...(exported.get(name) ?? []), ...members]))
  }
  if (module === undefined) return exported
  const declared = declarationsOf(module.program)
  const imported = importsOf(module.program)
  const from = (specifier: string): PublicExports =>
    specifier.startsWith('.') ? readExports(root, posix.join(posix.dirname(path), specifier)) : new Map()
  for (const statement of module.program.body) {
    if (statement.type === 'ExportAllDeclaration') {
      if (statement.exported !== null) add(nameOf(statement.exported), [])
      else for (const [name, members] of from(statement.source.value)) add(name, members)
    }
    if (statement.type !== 'ExportNamedDeclaration') continue
    for (const name of namesOf(statement.declaration)) add(name, declared.get(name) ?? [])
    for (const specifier of statement.specifiers) {
      const local = nameOf(specifier.local)
      const origin = statement.source === null ? imported.get(local) : { source: statement.source.value, name: local }
      add(nameOf(specifier.exported), (origin ? from(origin.source).get(origin.name) : declared.get(local)) ?? [])
    }
  }
  return exported
}

type Declaration = Statement | Directive

/** Every top-level declaration with its members; a type and a value of one name are one. */
function declarationsOf(program: Program): Map<string, Set<string>> {
  const declared = new Map<string, Set<string>>()
  const parents = new Map<string, readonly string[]>()
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    for (const name of namesOf(declaration)) {
      declared.set(name, new Set([...(declared.get(name) ?? []), ...membersOf(declaration, name)]))
      parents.set(name, [...(parents.get(name) ?? []), ...parentsOf(declaration)])
    }
  }
  for (const [name, members] of declared) {
    for (const parent of parents.get(name) ?? []) for (const member of declared.get(parent) ?? []) members.add(member)
  }
  return declared
}

function namesOf(declaration: Declaration | null): readonly string[] {
  switch (declaration?.type) {
    case 'VariableDeclaration':
      return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
      return declaration.id === null ? [] : [declaration.id.name]
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return [declaration.id.name]
    default:
      return []
  }
}

function membersOf(declaration: Declaration | null, name: string): readonly string[] {
  switch (declaration?.type) {
    case 'ClassDeclaration':
      return keysOf(declaration.body.body)
    case 'TSInterfaceDeclaration':
      return keysOf(declaration.body.body)
    case 'TSTypeAliasDeclaration': {
      const type = declaration.typeAnnotation
      return type.type === 'TSTypeLiteral' ? keysOf(type.members) : []
    }
    case 'VariableDeclaration': {
      const init = declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name)?.init
      const value = init?.type === 'TSAsExpression' ? init.expression : init
      return value?.type === 'ObjectExpression' ? keysOf(value.properties) : []
    }
    default:
      return []
  }
}

function parentsOf(declaration: Declaration | null): readonly string[] {
  if (declaration?.type === 'TSInterfaceDeclaration') {
    return declaration.extends.flatMap(({ expression }) => (expression.type === 'Identifier' ? [expression.name] : []))
  }
  if (declaration?.type !== 'ClassDeclaration') return []
  return declaration.superClass?.type === 'Identifier' ? [declaration.superClass.name] : []
}

function importsOf(program: Program): Map<string, { source: string; name: string }> {
  const imported = new Map<string, { source: string; name: string }>()
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration') continue
    for (const specifier of statement.specifiers) {
      if (specifier.type !== 'ImportSpecifier') continue
      imported.set(specifier.local.name, { source: statement.source.value, name: nameOf(specifier.imported) })
    }
  }
  return imported
}

function keysOf(members: readonly object[]): readonly string[] {
  return members.flatMap((member) => {
    if (!('key' in member) || typeof member.key !== 'object' || member.key === null) return []
    if ('type' in member.key && member.key.type === 'PrivateIdentifier') return []
    const name = nameOf(member.key)
    return name === '' ? [] : [name]
  })
}

function nameOf(node: object): string {
  if ('name' in node && typeof node.name === 'string') return node.name
  return 'value' in node ? String(node.value) : ''
}
