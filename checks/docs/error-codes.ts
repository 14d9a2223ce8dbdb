import { type Node, Visitor } from 'oxc-parser'
import { lineAt, readModules } from '../read-modules.ts'
import { codeEndings, listFiles } from '../source-files.ts'
import { findWorkspaces } from '../workspaces.ts'
import { readTables } from './markdown-table.ts'

/** Where each error code is thrown, and throws whose code cannot be told. */
interface ThrownCodes {
  /** The names of the packages' folders by code. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>
  readonly problems: readonly string[]
}

const columns = ['code', 'where', 'what it means', 'what to do']

/** Compares docs/errors.md with the codes in the packages' sources, in both directions. */
export function compareErrorCodes(root: string): readonly string[] {
  const { codes, problems: unreadable } = readThrownCodes(root)
  const problems = [...unreadable]
  if (codes.size === 0) problems.push('No new MillraceError was found in the sources.')
  const documented = new Set<string>()
  for (const { cells, line } of readTables(root, 'docs/errors.md', columns)) {
    const [codeCell = '', where = '', meaning = '', remedy = ''] = cells
    const at = `docs/errors.md:${line}`
    const code = /^`([A-Z][A-Z0-9_]*)`$/.exec(codeCell)?.[1]
    if (code === undefined) {
      problems.push(`${at} needs a code in backticks, has ${codeCell}`)
      continue
    }
    if (documented.has(code)) problems.push(`${at} tells ${code} a second time`)
    documented.add(code)
    if (meaning === '' || remedy === '') problems.push(`${at} must say what ${code} means and what to do`)
    const thrownIn = codes.get(code)
    if (thrownIn === undefined) problems.push(`${at} tells of ${code}, which nothing throws`)
    else if (where !== [...thrownIn].sort().join(', ')) {
      problems.push(`${at} says that ${code} comes from "${where}"; it comes from "${[...thrownIn].sort().join(', ')}"`)
    }
  }
  for (const [code, where] of codes) {
    if (!documented.has(code)) problems.push(`${code} (${[...where].join(', ')}) is missing in docs/errors.md`)
  }
  return problems
}

/**
 * Reads the codes that the sources of the packages make: of every `new MillraceError('CODE', …)`, and of every field or constant named `code` that
 * is given such a literal, as a quarantined file's is.
 *
 * An error that came from another thread or process is made again from its `code` field; the literal stands where it was first thrown.
 */
function readThrownCodes(root: string): ThrownCodes {
  const codes = new Map<string, Set<string>>()
  const problems: string[] = []
  for (const { folder } of findWorkspaces(root)) {
    const where = folder.slice(folder.indexOf('/') + 1)
    const add = (code: string): unknown => codes.set(code, (codes.get(code) ?? new Set()).add(where))
    for (const { path, text, program } of readModules(root, listFiles(root, `${folder}/src`, codeEndings))) {
      let readsCode = false
      new Visitor({
        NewExpression({ callee, arguments: [code], start }) {
          if (callee.type !== 'Identifier' || callee.name !== 'MillraceError') return
          const again =
            code?.type === 'MemberExpression'
              ? isNamedCode(code.property)
              : readsCode && code !== undefined && isNamedCode(code)
          if (code?.type === 'Literal' && typeof code.value === 'string') add(code.value)
          else if (!again) {
            problems.push(`${path}:${lineAt(text, start)} creates a MillraceError whose code is no string literal`)
          }
        },
        ObjectPattern({ properties }) {
          readsCode ||= properties.some((property) => property.type === 'Property' && isNamedCode(property.key))
        },
        Property({ key, value }) {
          if (isNamedCode(key)) for (const code of codesIn(value)) add(code)
        },
        VariableDeclarator({ id, init }) {
          if (init !== null && isNamedCode(id)) for (const code of codesIn(init)) add(code)
        },
      }).visit(program)
    }
  }
  return { codes, problems }
}

function isNamedCode(node: Node): boolean {
  return node.type === 'Identifier' && node.name === 'code'
}

/** The codes that an expression can be: a literal's, or both of a condition's. An operating system's code has no underscore. */
function codesIn(node: Node): readonly string[] {
  if (node.type === 'ConditionalExpression') return [...codesIn(node.consequent), ...codesIn(node.alternate)]
  if (node.type !== 'Literal' || typeof node.value !== 'string') return []
  return /^[A-Z]+(_[A-Z0-9]+)+$/.test(node.value) ? [node.value] : []
}
