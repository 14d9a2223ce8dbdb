import type { DiscoveredFile } from '../../file.ts'
import { loadPeer } from '../load-peer.ts'
import { defineProcessor, type FileInput } from '../processor.ts'
import { LicenseTexts, type TextMatch } from './license-texts.ts'
import { noticeIn, wordsOf } from './notices.ts'

/** What the `licenses` processor says of a file. */
export interface LicensesRecord {
  /** By the file's name, for example `typescript`. */
  readonly language: string | null
  /**
   * The licence as an SPDX expression, or null where the file names none: what it declares, else what its header says, else
   * the licence whose text it is.
   */
  readonly license: string | null
  /** How that is known: `tag` (`SPDX-License-Identifier`), `manifest` (a `license` field), `notice` (a header's words), `text` (a copy of the licence). */
  readonly from: 'tag' | 'manifest' | 'notice' | 'text' | null
  /** Tags and fields that are no SPDX expression, as they stand there. */
  readonly invalid: readonly string[]
  /** Of a file that is named as licences are: the licence whose text it has, and how close; null where it is none's. */
  readonly text: TextMatch | null
  /** Lines that name a holder of the copyright, at most 20. */
  readonly copyrights: readonly string[]
}

const TAG = /SPDX-License-Identifier:[ \t]*([^\r\n]*)/g
/** What closes a comment behind a tag. */
const COMMENT_END = /\s*(?:\*+\/|-->|#\}|%>|"""|''')\s*$/
const COPYRIGHT = /^[^\p{L}\n]*((?:SPDX-FileCopyrightText:|copyright\b|©|\(c\)).*\d{4}.*)$/gimu
const LICENSE_FILE = /^(?:un)?licen[cs]e|^copying|^notice|^eula/i
const MANIFESTS: ReadonlyMap<string, RegExp> = new Map([
  ['package.json', /^\s*"license"\s*:\s*"([^"\n]+)"/m],
  ['composer.json', /^\s*"license"\s*:\s*"([^"\n]+)"/m],
  ['Cargo.toml', /^\s*license\s*=\s*"([^"\n]+)"/m],
  ['pyproject.toml', /^\s*license\s*=\s*"([^"\n]+)"/m],
])
/** A header is looked for in so many characters. */
const HEADER_CHARS = 8192
const MAX_COPYRIGHTS = 20

let texts: Promise<LicenseTexts> | undefined

/**
 * Which licence each file names, as SPDX expressions: by its tag, the `license` field of a manifest, the words of its header, or because it is
 * a copy of the licence's text. Programs, manifests and files that are named as licences are.
 *
 * Needs the optional peers spdx-expression-parse and, for copies of texts, spdx-license-list (`PEER_MISSING`).
 */
export const licenses = defineProcessor<LicensesRecord>({
  name: 'licenses',
  version: '1',
  match: (file: DiscoveredFile) => file.kind === 'source' || isManifest(file) || isLicenseFile(file),
  async process(input) {
    const { file } = input
    const all = input.text()
    const header = all.slice(0, HEADER_CHARS)
    const isExpression = await loadGrammar()
    const declared = declaredIn(all, file)
    const valid = declared.find(({ expression }) => isExpression(expression))
    const text = isLicenseFile(file) ? ((await loadTexts()).match(all) ?? null) : null
    const notice = valid === undefined && text === null ? noticeIn(wordsOf(header)) : undefined
    return {
      language: file.language,
      license: valid?.expression ?? notice ?? text?.identifiers.join(' OR ') ?? null,
      from: valid?.from ?? (notice !== undefined ? 'notice' : text !== null ? 'text' : null),
      invalid: declared.map(({ expression }) => expression).filter((expression) => !isExpression(expression)),
      text,
      copyrights: copyrightsIn(header),
    }
  },
})

function declaredIn(text: string, file: DiscoveredFile) {
  const tags = Array.from(text.matchAll(TAG), ([, expression = '']) => ({
    expression: expression.replace(COMMENT_END, '').trim(),
    from: 'tag' as const,
  }))
  const field = MANIFESTS.get(nameOf(file))?.exec(text)?.[1]
  return field === undefined ? tags : [...tags, { expression: field, from: 'manifest' as const }]
}

function copyrightsIn(header: string): string[] {
  const lines = Array.from(header.matchAll(COPYRIGHT), ([, line = '']) => line.replace(COMMENT_END, '').trim())
  return [...new Set(lines)].slice(0, MAX_COPYRIGHTS)
}

function isManifest(file: DiscoveredFile): boolean {
  return MANIFESTS.has(nameOf(file))
}

function isLicenseFile(file: DiscoveredFile): boolean {
  return file.kind === 'other' && LICENSE_FILE.test(nameOf(file))
}

function nameOf({ path }: FileInput['file']): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

async function loadGrammar(): Promise<(expression: string) => boolean> {
  const { default: parse } = await loadPeer(
    'spdx-expression-parse',
    'The processor licenses',
    () => import('spdx-expression-parse'),
  )
  return (expression) => {
    try {
      parse(expression)
      return true
    } catch {
      return false
    }
  }
}

function loadTexts(): Promise<LicenseTexts> {
  texts ??= loadPeer('spdx-license-list', 'The processor licenses', () => import('spdx-license-list/full.js')).then(
    ({ default: all }) => new LicenseTexts(all),
  )
  return texts
}
