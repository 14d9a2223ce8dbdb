import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findWorkspaces } from '../workspaces.ts'
import { readTables } from './markdown-table.ts'
import { type PublicExports, readExports } from './public-exports.ts'

const columns = ['specification', 'its name', 'ours or why it went']

/**
 * Holds docs/spec-names.md against the exports of the packages: each name in backticks at the beginning of a cell of the last column must be an
 * export, `Name.member` a member of one. A cell that begins with prose gives a reason instead.
 */
export function compareSpecNames(root: string): readonly string[] {
  const problems: string[] = []
  const exported = allExports(root)
  const seen = new Set<string>()
  for (const { cells, line } of readTables(root, 'docs/spec-names.md', columns)) {
    const [specification = '', theirs = '', ours = ''] = cells
    const at = `docs/spec-names.md:${line}`
    if (!/^`[^`]+`$/.test(theirs)) problems.push(`${at} needs the specification's name in backticks, has ${theirs}`)
    const key = `${specification} ${theirs}`
    if (seen.has(key)) problems.push(`${at} maps ${theirs} of ${specification} a second time; one name each`)
    seen.add(key)
    if (ours === '') problems.push(`${at} must map ${theirs} or say why it went`)
    for (const name of leadingNames(ours)) {
      if (!isExported(name, exported)) problems.push(`${at} maps ${theirs} to ${name}, which no package exports`)
    }
  }
  if (seen.size === 0) problems.push('docs/spec-names.md maps nothing')
  return problems
}

/** The names in backticks that a cell begins with, commas between them. */
function leadingNames(cell: string): readonly string[] {
  const lead = /^(?:`[^`]+`(?:,\s*)?)+/.exec(cell)?.[0] ?? ''
  return [...lead.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

function isExported(name: string, exported: PublicExports): boolean {
  const [type = '', member] = name.split('.')
  const members = exported.get(type)
  return members !== undefined && (member === undefined || members.has(member))
}

function allExports(root: string): PublicExports {
  const all = new Map<string, ReadonlySet<string>>()
  for (const { folder } of findWorkspaces(root)) {
    const index = `${folder}/src/index.ts`
    if (!existsSync(join(root, index))) continue
    for (const [name, members] of readExports(root, index)) {
      all.set(name, new Set([...(all.get(name) ?? []), ...members]))
    }
  }
  return all
}
