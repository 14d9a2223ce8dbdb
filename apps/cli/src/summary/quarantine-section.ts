import { formatCount } from '../text/numbers.ts'
import { displayWidth, fitEnd, fitStart, printable, printablePath } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import { section, type View } from './sections.ts'

/** A file that is in quarantine, as the summary tells it. */
export interface QuarantinedFile {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** Of files with the same code: up to so many stand by themselves, and of more so many are named. */
const NAMED = 3

/**
 * The files in quarantine with the start of their reasons. More than three of a code stand together, with the reason of the first; after `limit` files or groups it
 * is said how to see the rest.
 */
export function quarantineSection(
  files: readonly QuarantinedFile[],
  { limit, more }: { readonly limit: number; readonly more: string },
  view: View,
): string[] {
  const { style } = view
  const entries = groupsOf(files).flatMap((group) =>
    group.length > NAMED ? [group] : group.map((file): readonly QuarantinedFile[] => [file]),
  )
  const shown = entries.slice(0, limit)
  const lines = shown.flatMap((entry) => (entry.length === 1 ? aloneLines(entry[0]!, view) : groupLines(entry, view)))
  const rest = files.length - shown.flat().length
  if (rest > 0) lines.push(style.dim(`${style.symbols.ellipsis} and ${formatCount(rest)} more: ${more}`))
  return lines.length === 0 ? [] : section('Quarantined', lines, view)
}

/** The files in quarantine by code, up to `limit` of each with their reasons, each reason once; and how to see the rest. */
export function fullQuarantineSection(
  files: readonly QuarantinedFile[],
  { limit, more }: { readonly limit: number; readonly more: string },
  view: View,
): string[] {
  const { style, width } = view
  const lines = groupsOf(files).flatMap((group) => {
    let said = ''
    const listed = group.slice(0, limit).flatMap((file) => {
      const reason = withoutPath(file)
      const isNew = reason !== said
      said = reason
      const words = isNew ? wrapWords(printable(file.message), width - 8) : []
      return [
        `  ${fitEnd(printablePath(file.path), width - 4, style.symbols.ellipsis)}`,
        ...words.map((line) => `      ${style.dim(line)}`),
      ]
    })
    const rest = group.length - limit
    return [
      titleOf(group, view),
      ...listed,
      ...(rest > 0 ? [style.dim(`  ${style.symbols.ellipsis} and ${formatCount(rest)} more: ${more}`)] : []),
    ]
  })
  return lines.length === 0 ? [] : section('Quarantined', lines, view)
}

/** By code, in the order in which each comes first. */
function groupsOf(files: readonly QuarantinedFile[]): readonly (readonly QuarantinedFile[])[] {
  return [...Map.groupBy(files, ({ code }) => code).values()]
}

function titleOf(group: readonly QuarantinedFile[], { style }: View): string {
  const code = style.yellow(printable(group[0]!.code))
  return group.length === 1 ? code : `${code} ${style.symbols.times}${formatCount(group.length)}`
}

function aloneLines({ path, code, message }: QuarantinedFile, { style, width }: View): string[] {
  const reason = fitStart(printable(message), width - 6 - code.length, style.symbols.ellipsis)
  return [
    fitEnd(printablePath(path), width - 2, style.symbols.ellipsis),
    `  ${style.yellow(printable(code))}  ${style.dim(reason)}`,
  ]
}

/** `FILE_NOT_UTF8 ×30: a.js, b.js, c.js and 27 more`, each path with as much room as there is for it. */
function groupLines(group: readonly QuarantinedFile[], view: View): string[] {
  const { style, width } = view
  const names = group
    .slice(0, NAMED)
    .map(({ path }) => fitEnd(printablePath(path), Math.floor((width - 4) / 2), style.symbols.ellipsis))
  const rest = ` and ${formatCount(group.length - NAMED)} more`
  const title = titleOf(group, view)
  const line = `${title}: ${names.join(', ')}${rest}`
  const head = displayWidth(line) <= width - 2 ? [line] : [`${title}:`, ...wrapNames(names, rest, width - 4)]
  const reason = fitStart(printable(group[0]!.message), width - 4, style.symbols.ellipsis)
  return [...head, `  ${style.dim(reason)}`]
}

/** Names in lines, none broken: a name may have blanks in it. */
function wrapNames(names: readonly string[], rest: string, columns: number): string[] {
  const lines: string[] = []
  for (const [index, name] of names.entries()) {
    const text = name + (index === names.length - 1 ? rest : ',')
    const longer = `${lines.at(-1)} ${text}`
    if (lines.length > 0 && displayWidth(longer) <= columns) lines[lines.length - 1] = longer
    else lines.push(text)
  }
  return lines.map((line) => `  ${line}`)
}

/** A reason, which mostly names its file: what is the same for all reads the same. */
function withoutPath({ path, message }: QuarantinedFile): string {
  return message.replaceAll(path, '')
}
