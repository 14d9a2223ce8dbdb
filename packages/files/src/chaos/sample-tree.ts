import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { seededRandom } from '@millrace/kernel/seeded-random'

const FOLDERS = ['src', 'src/ünïcode', 'lib/with space', 'lib/deep/er', 'test', '日本語']
/** By ending, what a line of such a file looks like. */
const LINES: Readonly<Record<string, (n: number) => string>> = {
  ts: (n) => `export const name${n}: number = ${n} // TODO: ${n}`,
  js: (n) => `export function call${n}(a) { return a > ${n} ? a : ${n} }`,
  py: (n) => `def call_${n}(a):\n    return a if a > ${n} else ${n}`,
  java: (n) => `class Name${n} { int value = ${n}; }`,
  go: (n) => `func call${n}() int { return ${n} }`,
  rs: (n) => `fn call_${n}() -> u32 { ${n} }`,
  c: (n) => `int call_${n}(void) { return ${n}; }`,
  md: (n) => `Line ${n} of a text with some words in it.`,
  css: (n) => `.name-${n} { width: ${n}px }`,
  json: (n) => `{ "name": ${n} }`,
}
const MOST_LINES = 2000

/**
 * Writes a small tree of made-up sources below `root`: ten languages, odd names, empty files, some long ones. The same seed gives the same tree, byte
 * for byte.
 */
export function writeSampleTree(root: string, files: number, seed: number): void {
  const random = seededRandom(seed)
  const endings = Object.keys(LINES)
  for (let index = 0; index < files; index++) {
    const folder = FOLDERS[Math.floor(random() * FOLDERS.length)]!
    const ending = endings[Math.floor(random() * endings.length)]!
    // Sizes as in real trees: half are short, few are long (Pareto).
    const lines = random() < 0.03 ? 0 : Math.min(MOST_LINES, ending === 'json' ? 1 : Math.floor(3 * random() ** -0.9))
    const text = Array.from({ length: lines }, (_, line) => `${LINES[ending]!(index + line)}\n`).join('')
    const place = join(root, folder, `file-${index}.${ending}`)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, text)
  }
}
