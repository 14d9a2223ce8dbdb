import { type AstNode, isIdentifier, isNode, nameIn, nodeIn, nodesIn, propertyName, stringIn } from './ast-node.ts'
import { boundNames } from './declarations.ts'
import type { ExportFact, ImportFact } from './syntax-record.ts'

/** Types of the nodes that {@link ModuleFacts.note} takes. */
export const MODULE_TYPES: readonly string[] = [
  'ImportDeclaration',
  'ImportExpression',
  'TSImportType',
  'TSImportEqualsDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ExportDefaultDeclaration',
  'TSExportAssignment',
  'CallExpression',
  'AssignmentExpression',
]

const TYPES = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'])

const REQUIRED = 1
const IMPORTED = 2
const TYPED = 4
const EXPORTED = 8

/** Collects what a file imports and exports, node by node. */
export class ModuleFacts {
  readonly imports: ImportFact[] = []
  readonly exports: ExportFact[] = []
  // Requires, `import()` and `exports.x =` repeat without saying more; statements cannot. By name, one bit a kind.
  readonly #seen = new Map<string, number>()

  note(node: AstNode, parent: AstNode | undefined): void {
    switch (node.type) {
      case 'CallExpression':
        this.#call(node)
        break
      case 'AssignmentExpression':
        this.#assignment(node)
        break
      case 'ImportDeclaration':
        this.#importDeclaration(node)
        break
      case 'ImportExpression':
        this.#importOnce('dynamic', stringIn(node.source), IMPORTED)
        break
      case 'TSImportType':
        this.#importType(stringIn(node.source ?? literalOf(node.argument)))
        break
      case 'TSImportEqualsDeclaration':
        this.#importEquals(node)
        break
      default:
        // What a namespace exports, the file does not.
        if (parent?.type === 'Program') this.#exportStatement(node)
    }
  }

  #exportStatement(node: AstNode): void {
    switch (node.type) {
      case 'ExportNamedDeclaration':
        this.#exportNamed(node)
        break
      case 'ExportAllDeclaration':
        this.#exportAll(node)
        break
      case 'ExportDefaultDeclaration':
        this.exports.push({ name: 'default', kind: 'default' })
        break
      case 'TSExportAssignment':
        this.#exportOnce('default')
        break
    }
  }

  #importDeclaration(node: AstNode): void {
    const specifiers = nodesIn(node.specifiers)
    const typeOnly =
      isTypeOnly(node.importKind) ||
      (specifiers.length > 0 && specifiers.every(({ importKind }) => isTypeOnly(importKind)))
    this.#import('static', stringIn(node.source), specifiers.map(importedName), typeOnly)
  }

  /** TypeScript's `import x = require('y')`; an alias of a namespace is no import. */
  #importEquals(node: AstNode): void {
    const reference = nodeIn(node.moduleReference)
    if (reference?.type !== 'TSExternalModuleReference') return
    this.#importOnce('require', stringIn(reference.expression), REQUIRED)
  }

  #call(node: AstNode): void {
    const callee = nodeIn(node.callee)
    const list = node.arguments
    if (callee === undefined || !Array.isArray(list) || list.length === 0) return
    if (callee.type === 'Import') this.#importOnce('dynamic', stringIn(list[0]), IMPORTED)
    else if (list.length === 1 && isIdentifier(callee, 'require'))
      this.#importOnce('require', stringIn(list[0]), REQUIRED)
    else if (list.length === 3 && callee.type === 'MemberExpression') this.#defineProperty(callee, list)
  }

  #exportNamed(node: AstNode): void {
    const specifiers = nodesIn(node.specifiers)
    const typeOnly = isTypeOnly(node.exportKind)
    const from = stringIn(node.source)
    if (from !== undefined) {
      this.#import('reexport', from, specifiers.map(localName), typeOnly)
    }
    for (const specifier of specifiers) {
      const name = nameIn(specifier.exported) ?? '*'
      this.#export(name, typeOnly || isTypeOnly(specifier.exportKind))
    }
    const declaration = nodeIn(node.declaration)
    if (declaration === undefined) return
    // `declare` makes parsers say "type" of values too: what is declared tells better.
    const isType = TYPES.has(declaration.type)
    for (const name of declaredNames(declaration)) {
      // Overloads stand one after the other and are one name.
      if (this.exports.at(-1)?.name !== name) this.#export(name, isType)
    }
  }

  #exportAll(node: AstNode): void {
    const typeOnly = isTypeOnly(node.exportKind)
    this.#import('reexport', stringIn(node.source), ['*'], typeOnly)
    const name = nameIn(node.exported)
    if (name !== undefined) this.#export(name, typeOnly)
    else this.exports.push({ name: '*', kind: typeOnly ? 'type' : 'all' })
  }

  /** `exports.x = …`, `module.exports.x = …` and `module.exports = …`. */
  #assignment(node: AstNode): void {
    const target = nodeIn(node.left)
    if (target?.type !== 'MemberExpression') return
    const name = propertyName(target)
    if (name === undefined) return
    if (isExportsObject(target.object)) this.#exportOnce(name)
    else if (name === 'exports' && isIdentifier(target.object, 'module')) this.#exportOnce('default')
  }

  /** `Object.defineProperty(exports, 'x', …)`, as compilers write it. */
  #defineProperty(callee: AstNode, list: readonly unknown[]): void {
    if (!isIdentifier(callee.object, 'Object') || !isExportsObject(list[0])) return
    if (nameIn(callee.property) === 'defineProperty') this.#exportOnce(stringIn(list[1]))
  }

  #import(kind: ImportFact['kind'], from: string | undefined, names: readonly string[], typeOnly: boolean): void {
    if (from === undefined) return
    this.imports.push(typeOnly ? { from, kind, names, typeOnly } : { from, kind, names })
  }

  #importOnce(kind: ImportFact['kind'], from: string | undefined, bit: number): void {
    if (from !== undefined && this.#isNew(from, bit)) this.imports.push({ from, kind })
  }

  #importType(from: string | undefined): void {
    if (from !== undefined && this.#isNew(from, TYPED)) this.imports.push({ from, kind: 'dynamic', typeOnly: true })
  }

  #export(name: string, typeOnly: boolean): void {
    this.exports.push({ name, kind: typeOnly ? 'type' : name === 'default' ? 'default' : 'named' })
  }

  #exportOnce(name: string | undefined): void {
    // `__esModule` is a compiler's mark on the module, not a name somebody exports.
    if (name === undefined || name === '__esModule') return
    if (this.#isNew(name, EXPORTED)) this.exports.push({ name, kind: 'commonjs' })
  }

  #isNew(name: string, bit: number): boolean {
    const bits = this.#seen.get(name) ?? 0
    this.#seen.set(name, bits | bit)
    return (bits & bit) === 0
  }
}

function isTypeOnly(kind: unknown): boolean {
  return kind === 'type' || kind === 'typeof'
}

function importedName(specifier: AstNode): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default'
  return nameIn(specifier.imported) ?? '*'
}

function localName(specifier: AstNode): string {
  if (specifier.type === 'ExportDefaultSpecifier') return 'default'
  return nameIn(specifier.local) ?? '*'
}

function declaredNames(declaration: AstNode): readonly string[] {
  if (declaration.type === 'VariableDeclaration') {
    return nodesIn(declaration.declarations).flatMap(({ id }) => boundNames(id))
  }
  const name = nameIn(declaration.id)
  return name === undefined ? [] : [name]
}

function isExportsObject(value: unknown): boolean {
  if (isIdentifier(value, 'exports')) return true
  if (!isNode(value) || value.type !== 'MemberExpression') return false
  return isIdentifier(value.object, 'module') && propertyName(value) === 'exports'
}

/** The specifier of a type import in the trees that wrap it as a literal type. */
function literalOf(argument: unknown): unknown {
  return isNode(argument) && isNode(argument.literal) ? argument.literal : argument
}
