import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from '../source-files.ts'
import { findWorkspaces } from '../workspaces.ts'

/** A block of TypeScript in a Markdown file, to be run. */
export interface CodeBlock {
  /** The file below the root and the line of the fence, for example `README.md:12`. */
  readonly place: string
  readonly code: string
}

/** The blocks of the documents, and what is wrong with how they are written. */
export interface CodeBlocks {
  readonly blocks: readonly CodeBlock[]
  readonly problems: readonly string[]
}

const otherNames = new Set(['typescript', 'tsx', 'js', 'javascript', 'mjs', 'jsx'])

/**
 * Finds the `ts` blocks of README.md, of each package's README.md and of docs/, but those marked `ts no-run`. Program text under another
 * name would never be run, and a README.md without a block shows nothing: both are problems.
 */
export function findCodeBlocks(root: string): CodeBlocks {
  const readmes = findWorkspaces(root).flatMap(({ folder }) => listFiles(root, folder, ['README.md']))
  const top = listFiles(root, '', ['README.md']).filter((path) => path === 'README.md')
  const blocks: CodeBlock[] = []
  const problems: string[] = []
  for (const path of [...top, ...readmes, ...listFiles(root, 'docs', ['.md'])]) {
    const found = blocksOf(path, readFileSync(join(root, path), 'utf8'))
    blocks.push(...found.blocks)
    problems.push(...found.problems)
    if (path === 'README.md' && found.blocks.length === 0) problems.push('README.md has no ts block that runs')
  }
  return { blocks, problems }
}

function blocksOf(path: string, text: string): CodeBlocks {
  const blocks: CodeBlock[] = []
  const problems: string[] = []
  for (const match of text.matchAll(/^```([^\n]*)\n(.*?)^```[ \t]*$/gms)) {
    const [, info = '', code = ''] = match
    const place = `${path}:${text.slice(0, match.index).split('\n').length}`
    const [language = '', ...marks] = info.trim().split(/\s+/)
    if (otherNames.has(language)) problems.push(`${place} is marked ${language}; mark it ts, so that it runs`)
    if (language === 'ts' && !marks.includes('no-run')) blocks.push({ place, code })
  }
  return { blocks, problems }
}
