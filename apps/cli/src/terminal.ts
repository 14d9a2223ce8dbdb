import { isAbsolute, relative, sep } from 'node:path'
import { publicUrl } from './config/postgres-url.ts'
import type { PlaceFlags } from './config/run-flags.ts'
import { type Style, styleFor } from './text/style.ts'

const LEAST_WIDTH = 40
const MOST_WIDTH = 100
const PIPE_WIDTH = 80

/** Columns for text on this stream: the terminal's, but no more than is pleasant to read; 80 where there is no terminal. */
export function widthOf(stream: { readonly columns?: number | undefined }): number {
  return Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, stream.columns ?? PIPE_WIDTH))
}

/** How to write text for a person to this stream. */
export function viewOf(stream: NodeJS.WriteStream): { readonly width: number; readonly style: Style } {
  return { width: widthOf(stream), style: styleFor({ stream, env: process.env }) }
}

/** Whether a person watches this stream on a terminal that can be drawn on. */
export function isTerminal(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

/** Prints a value as one line of JSON. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** A path as a person would write it from `cwd`: relative where it lies below, else absolute. What is none, as the address of a table, stays as it is. */
export function pathFrom(cwd: string, absolute: string): string {
  if (!isAbsolute(absolute)) return absolute
  const path = relative(cwd, absolute)
  if (path === '') return '.'
  return path === '..' || path.startsWith(`..${sep}`) ? absolute : path
}

/** A command line that the user can type where they are; npm runs scripts where `millrace` is not on the path. */
export function commandLine(words: readonly string[], env: NodeJS.ProcessEnv): string {
  return [...(env.npm_command === undefined ? [] : ['npx']), 'millrace', ...words.map(quoted)].join(' ')
}

/** The words that lead a later command to the same ledger. */
export function placeWords({ state, postgres, config, profile }: PlaceFlags): readonly string[] {
  return [
    ...(state === undefined ? [] : ['--state', state]),
    ...(postgres === undefined ? [] : ['--postgres', publicUrl(postgres)]),
    ...(config === undefined ? [] : ['--config', config]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ]
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
