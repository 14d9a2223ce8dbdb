import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Texts in one language. */
export interface Corpus {
  readonly name: string
  readonly language: string
  readonly path: string
  readonly texts: readonly string[]
}

const fixtures = join(import.meta.dirname, '../../packages/files/test/languages/fixtures')

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

/** Where systems often have sources of other people. */
const FOUND = [
  { language: 'python', folder: '/usr/lib/python3', pattern: '**/*.py', path: 'a.py' },
  { language: 'c', folder: '/usr/include', pattern: 'linux/**/*.h', path: 'a.c' },
  { language: 'cpp', folder: '/usr/include/c++', pattern: '**/*.h', path: 'a.cpp' },
] as const

const MAX_FILES = 200
const MAX_CHARS = 100_000

/** The golden file of each language, 40 to 90 lines with every construct in them, as often as makes 400 KB. */
export function goldenCorpora(): Corpus[] {
  return Object.entries(GOLDEN).map(([language, path]) => {
    const text = readFileSync(join(fixtures, path), 'utf8')
    return { name: language, language, path, texts: new Array(Math.ceil(400_000 / text.length)).fill(text) }
  })
}

/** Sources that this machine has: of each language up to 200 files, an even share of those there are. */
export function foundCorpora(): Corpus[] {
  return FOUND.flatMap(({ language, folder, pattern, path }) => {
    if (!existsSync(folder) || readdirSync(folder).length === 0) return []
    const files = globSync(pattern, { cwd: folder }).sort()
    const sample = files.filter((_, index) => index % Math.ceil(files.length / MAX_FILES) === 0)
    const texts = sample
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .filter(({ length }) => length < MAX_CHARS)
    return texts.length === 0
      ? []
      : [{ name: `${language}-in-${folder.slice(1).replaceAll('/', '-')}`, language, path, texts }]
  })
}
