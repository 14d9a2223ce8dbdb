import type { FileKind } from '../file.ts'

/** Every language by name: what it is for, and the endings of its files. Programs are `source`; markup and data are `other`. */
const LANGUAGES: Readonly<Record<string, readonly ['program' | 'markup' | 'data', string]>> = {
  javascript: ['program', 'js mjs cjs'],
  jsx: ['program', 'jsx'],
  typescript: ['program', 'ts mts cts'],
  tsx: ['program', 'tsx'],
  python: ['program', 'py pyi pyw'],
  java: ['program', 'java'],
  kotlin: ['program', 'kt kts'],
  scala: ['program', 'scala sbt'],
  groovy: ['program', 'groovy gradle'],
  clojure: ['program', 'clj cljs cljc edn'],
  go: ['program', 'go'],
  rust: ['program', 'rs'],
  c: ['program', 'c h'],
  cpp: ['program', 'cc cpp cxx c++ hh hpp hxx h++ inl ipp'],
  'objective-c': ['program', 'm mm'],
  csharp: ['program', 'cs csx'],
  fsharp: ['program', 'fs fsx fsi'],
  'visual-basic': ['program', 'vb'],
  swift: ['program', 'swift'],
  dart: ['program', 'dart'],
  ruby: ['program', 'rb rake gemspec'],
  php: ['program', 'php phtml'],
  perl: ['program', 'pl pm'],
  lua: ['program', 'lua'],
  r: ['program', 'r'],
  julia: ['program', 'jl'],
  haskell: ['program', 'hs lhs'],
  ocaml: ['program', 'ml mli'],
  elixir: ['program', 'ex exs'],
  erlang: ['program', 'erl hrl'],
  elm: ['program', 'elm'],
  zig: ['program', 'zig'],
  nim: ['program', 'nim'],
  solidity: ['program', 'sol'],
  assembly: ['program', 'asm s'],
  bash: ['program', 'sh bash zsh ksh'],
  powershell: ['program', 'ps1 psm1 psd1'],
  batch: ['program', 'bat cmd'],
  sql: ['program', 'sql'],
  graphql: ['program', 'graphql gql'],
  protobuf: ['program', 'proto'],
  terraform: ['program', 'tf'],
  starlark: ['program', 'bzl'],
  vue: ['program', 'vue'],
  svelte: ['program', 'svelte'],
  astro: ['program', 'astro'],
  makefile: ['program', 'mk mak'],
  dockerfile: ['program', 'dockerfile'],
  cmake: ['program', 'cmake'],
  html: ['markup', 'html htm xhtml'],
  css: ['markup', 'css'],
  scss: ['markup', 'scss'],
  sass: ['markup', 'sass'],
  less: ['markup', 'less'],
  markdown: ['markup', 'md markdown mdx'],
  restructuredtext: ['markup', 'rst'],
  latex: ['markup', 'tex'],
  json: ['data', 'json jsonc json5 jsonl'],
  yaml: ['data', 'yaml yml'],
  toml: ['data', 'toml'],
  xml: ['data', 'xml xsd xsl svg'],
  ini: ['data', 'ini cfg properties'],
  csv: ['data', 'csv tsv'],
}

/** Files whose whole name tells their language. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['Makefile', 'makefile'],
  ['makefile', 'makefile'],
  ['GNUmakefile', 'makefile'],
  ['Dockerfile', 'dockerfile'],
  ['Containerfile', 'dockerfile'],
  ['CMakeLists.txt', 'cmake'],
  ['Gemfile', 'ruby'],
  ['Rakefile', 'ruby'],
  ['Podfile', 'ruby'],
  ['Vagrantfile', 'ruby'],
  ['Jenkinsfile', 'groovy'],
  ['BUILD', 'starlark'],
  ['BUILD.bazel', 'starlark'],
  ['WORKSPACE', 'starlark'],
])

/** What a name tells of a file. */
interface Classification {
  /** For example `typescript`; for a syntax tree the language it was parsed from. Null where the name says nothing. */
  readonly language: string | null
  readonly kind: FileKind
}

const UNKNOWN: Classification = { language: null, kind: 'other' }

/** Endings that before `.json` speak of a translation, as in `messages.pl.json`: a tree of Perl is called `*.perl.json`. */
const TRANSLATIONS: ReadonlySet<string> = new Set(['mk', 'ml', 'pl'])

const byEnding = new Map<string, Classification>()
const byTreeEnding = new Map<string, Classification>()
const byName = new Map<string, Classification>()

for (const [language, [type, endings]] of Object.entries(LANGUAGES)) {
  const classification: Classification = { language, kind: type === 'program' ? 'source' : 'other' }
  const tree: Classification = { language, kind: 'ast' }
  for (const ending of endings.split(' ')) {
    byEnding.set(ending, classification)
    if (type === 'program' && !TRANSLATIONS.has(ending)) byTreeEnding.set(ending, tree)
  }
  if (type === 'program') byTreeEnding.set(language, tree)
  for (const [name, named] of NAMES) if (named === language) byName.set(name, classification)
}

/** `parser.ast.json`, `parser.ts.ast.json`, `parser.syntax.json`, `parser_ast.json`. */
const TREE_NAME = /^(.+)(?:[._]ast|\.syntax)\.json$/

/** The language a file's name speaks of, see {@link Classification.language}. O(1). */
export function languageOf(name: string): string | null {
  return classify(name).language
}

/** What a file is by its name. O(1). */
export function kindOf(name: string): FileKind {
  return classify(name).kind
}

/** Both answers at once. O(1); allocates nothing for what is no syntax tree. */
export function classify(name: string): Classification {
  const named = byName.get(name)
  if (named !== undefined) return named
  const dot = name.lastIndexOf('.')
  if (dot <= 0) return UNKNOWN
  const ending = name.slice(dot + 1)
  if (ending === 'json') return classifyTree(name, dot) ?? byEnding.get('json') ?? UNKNOWN
  return byEnding.get(ending) ?? byEnding.get(ending.toLowerCase()) ?? UNKNOWN
}

/** A `.json` file's classification as a syntax tree, `end` being where `.json` begins; undefined where it is none. */
function classifyTree(name: string, end: number): Classification | undefined {
  const stem = TREE_NAME.exec(name)?.[1]
  if (stem !== undefined) {
    const { language, kind } = classify(stem)
    return { language: kind === 'source' ? language : null, kind: 'ast' }
  }
  const dot = name.lastIndexOf('.', end - 1)
  return dot > 0 ? byTreeEnding.get(name.slice(dot + 1, end).toLowerCase()) : undefined
}
