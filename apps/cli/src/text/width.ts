import { stripVTControlCharacters } from 'node:util'

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u
const PLAIN = /^[\x20-\x7e]*$/

/** Columns that `text` takes on a terminal; escape sequences take none. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const character of stripVTControlCharacters(text)) width += columnsOf(character)
  return width
}

/** The start of `text` in at most `columns`, with an ellipsis where something went. For text without escape sequences. */
export function fitStart(text: string, columns: number, ellipsis = '…'): string {
  if (displayWidth(text) <= columns) return text
  return takeColumns([...text], columns - displayWidth(ellipsis)) + ellipsis
}

/** The end of `text` in at most `columns`, with an ellipsis where something went: the end of a path says which file it is. */
export function fitEnd(text: string, columns: number, ellipsis = '…'): string {
  if (displayWidth(text) <= columns) return text
  const kept = takeColumns([...text].reverse(), columns - displayWidth(ellipsis))
  return ellipsis + [...kept].reverse().join('')
}

/** Both ends of `text` in at most `columns`, with an ellipsis for what went between them: a name first and its place last. */
export function fitMiddle(text: string, columns: number, ellipsis = '…'): string {
  if (displayWidth(text) <= columns) return text
  const room = Math.max(0, columns - displayWidth(ellipsis))
  const start = takeColumns([...text], Math.floor(room / 3))
  return start + fitEnd(text, columns - displayWidth(start), ellipsis)
}

/**
 * `text` on one line, with control characters spelt out (`\x1b`): names and messages come from files, and must not be able to
 * steer the terminal.
 */
export function printable(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => spellOut(character.codePointAt(0) ?? 0))
}

/** The same of a path, in which the end of a line is a part of its name: `a\\nb.ts`. */
export function printablePath(path: string): string {
  return printable(path.replaceAll('\n', '\\n'))
}

function spellOut(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function takeColumns(characters: readonly string[], columns: number): string {
  let taken = ''
  let width = 0
  for (const character of characters) {
    width += columnsOf(character)
    if (width > columns) break
    taken += character
  }
  return taken
}

function columnsOf(character: string): number {
  return WIDE.test(character) ? 2 : ZERO.test(character) ? 0 : 1
}
