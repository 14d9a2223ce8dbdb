import { countLines } from './text.ts'

/** What `JSON.parse` has against a text, without what stands there, which may be secret; and the line, from 1. */
export function jsonFault(error: unknown, text: string): { readonly line: number; readonly message: string } {
  const told = messageOf(error)
  // It does not always say where; in a line of its own nobody needs to know.
  const at = positionOf(told) ?? (text.includes('\n') ? firstFault(text) : undefined)
  const what = told.replace(/,? "[\s\S]*$|,? \.\.\.[\s\S]*$/, '').replace(/(?: in JSON)? at position[\s\S]*$/, '')
  const line = at === undefined ? 1 : countLines(text, at) + 1
  const column = at === undefined ? '' : `, at column ${at - text.lastIndexOf('\n', at - 1)}`
  return { line, message: `is not valid JSON (${what}${column})` }
}

/** Where the text stops being the beginning of any JSON, by halves. */
function firstFault(text: string): number {
  let good = 0
  let bad = text.length
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1
    if (isBeginning(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const told = messageOf(error)
    return /^Un(?:expected end|terminated)/.test(told) || positionOf(told) === text.length
  }
}

function positionOf(told: string): number | undefined {
  const at = /at position (\d+)/.exec(told)?.[1]
  return at === undefined ? undefined : Number(at)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
