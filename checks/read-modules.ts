import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Program, parseSync, Visitor } from 'oxc-parser'

/** One place where a module names another. */
export interface ImportSite {
  readonly specifier: string
  /** 1 for the first line. */
  readonly line: number
}

/** A parsed source file. */
export interface SourceModule {
  /** Below the root, `/` between its parts. */
  readonly path: string
  readonly text: string
  readonly program: Program
  /** Every import: static, of types, re-exported, dynamic with a literal, and in a type (`import('x').T`). */
  readonly imports: readonly ImportSite[]
}

/**
 * Parses the files at `paths` below `root`.
 * @throws where one does not parse: a check that skips what it cannot read says nothing.
 */
export function readModules(root: string, paths: readonly string[]): readonly SourceModule[] {
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const { program, errors } = parseSync(path, text)
    if (errors[0] !== undefined) throw new Error(`${path} does not parse: ${errors[0].message}`)
    return { path, text, program, imports: importsOf(program, text) }
  })
}

/** The line of an offset, 1 for the first. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

function importsOf(program: Program, text: string): readonly ImportSite[] {
  const sites: ImportSite[] = []
  const add = ({ source }: { readonly source: object | null }): void => {
    if (source === null || !('value' in source) || typeof source.value !== 'string' || !('start' in source)) return
    sites.push({ specifier: source.value, line: lineAt(text, Number(source.start)) })
  }
  new Visitor({
    ImportDeclaration: add,
    ExportNamedDeclaration: add,
    ExportAllDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
  }).visit(program)
  return sites
}
