import { posix } from 'node:path'
import type { ExclusionReason } from '../file.ts'
import type { Books, JobRow, Ledger } from '../ledger/ledger.ts'
import { FolderTree, type TreeNode } from './folder-tree.ts'

/** What a report shows, as plain JSON. */
export interface ReportData {
  readonly root: string
  readonly jobId: string
  readonly state: string
  readonly finishedMs: number | null
  readonly books: Books
  readonly balanced: boolean
  readonly languages: readonly {
    readonly language: string
    readonly files: number
    readonly bytes: number
    readonly lines: number
  }[]
  readonly tree: TreeNode
  /** Modules by how many files name them, the most first; those named relative to a file, by their path in the tree. */
  readonly imports: readonly { readonly from: string; readonly files: number }[]
  readonly slowest: readonly { readonly path: string; readonly ms: number; readonly bytes: number }[]
  readonly largest: readonly { readonly path: string; readonly bytes: number; readonly lines: number }[]
  readonly functions: readonly {
    readonly path: string
    readonly name: string
    readonly line: number | null
    readonly complexity: number
  }[]
  readonly quarantine: readonly { readonly path: string; readonly code: string; readonly message: string }[]
  /** Files in quarantine that are not listed. */
  readonly quarantineMore: number
  /** All in quarantine by code, the most first. */
  readonly quarantineCodes: readonly { readonly code: string; readonly files: number }[]
  readonly exclusions: readonly { readonly reason: string; readonly files: number }[]
}

const REASONS: Readonly<Record<ExclusionReason, string>> = {
  ignored: 'named by .gitignore',
  excluded: 'named by a rule',
  'not-included': 'named by no rule',
  hidden: 'hidden',
  symlink: 'symbolic links',
  special: 'pipes and devices',
  'name-not-utf8': 'with a name that is not UTF-8',
  'no-processor': 'of kinds no processor takes',
}
const LISTED = 30
const QUARANTINE_LISTED = 500
/** A message may be a whole stack. */
const MESSAGE_CHARS = 400
const PAGE_ROWS = 2000
const PAGE_BYTES = 4 * 1024 * 1024

/** What records of the built-in processors have; those of others may lack all of it. */
interface Facts {
  readonly path: string
  readonly language?: unknown
  readonly bytes?: unknown
  readonly lines?: unknown
  readonly complexity?: unknown
  readonly imports?: unknown
  readonly functions?: unknown
}

/** Reads what a report shows of a job: each result once, a page at a time. Held meanwhile: folders, files of the tree, names of modules. */
export async function readReport(ledger: Ledger, job: JobRow): Promise<ReportData> {
  const { jobId, root, state, finishedMs } = job
  const tree = new FolderTree()
  const languages = new Map<string, { files: number; bytes: number; lines: number }>()
  const imports = new Map<string, number>()
  const largest = new Top<ReportData['largest'][number]>(LISTED, ({ bytes }) => bytes)
  const functions = new Top<ReportData['functions'][number]>(LISTED, ({ complexity }) => complexity)
  for await (const facts of factsOf(ledger, jobId)) {
    const { path } = facts
    const [bytes, lines, complexity] = [numberIn(facts.bytes), numberIn(facts.lines), numberIn(facts.complexity)]
    tree.add(path, { bytes, lines, complexity })
    const name = typeof facts.language === 'string' ? facts.language : 'other'
    const language = languages.get(name) ?? { files: 0, bytes: 0, lines: 0 }
    languages.set(name, { files: language.files + 1, bytes: language.bytes + bytes, lines: language.lines + lines })
    largest.offer({ path, bytes, lines })
    const modules = entriesIn<{ from: unknown }>(facts.imports).map(({ from }) => moduleOf(from, path))
    for (const from of new Set(modules)) {
      if (from !== undefined) imports.set(from, (imports.get(from) ?? 0) + 1)
    }
    for (const one of entriesIn<{ name: unknown; line: unknown; complexity: unknown }>(facts.functions)) {
      functions.offer({
        path,
        name: typeof one.name === 'string' ? one.name : '(anonymous)',
        line: typeof one.line === 'number' ? one.line : null,
        complexity: numberIn(one.complexity),
      })
    }
  }
  const [books, slowest, quarantine, exclusions] = await Promise.all([
    ledger.books(jobId),
    ledger.slowest(jobId, LISTED),
    ledger.quarantine(jobId),
    ledger.exclusions(jobId),
  ])
  return {
    root,
    jobId,
    state,
    finishedMs,
    books,
    balanced: books.discovered === books.delivered + books.quarantined + books.excluded,
    languages: Array.from(languages, ([language, sums]) => ({ language, ...sums })).sort((a, b) => b.bytes - a.bytes),
    tree: tree.pruned(),
    imports: ranked(imports)
      .slice(0, LISTED)
      .map(([from, files]) => ({ from, files })),
    slowest: slowest.map(({ path, ms, size }) => ({ path, ms, bytes: size })),
    largest: largest.list(),
    functions: functions.list(),
    quarantine: quarantine
      .slice(0, QUARANTINE_LISTED)
      .map(({ path, code, message }) => ({ path, code, message: message.slice(0, MESSAGE_CHARS) })),
    quarantineMore: Math.max(0, quarantine.length - QUARANTINE_LISTED),
    quarantineCodes: ranked(quarantine.reduce(countCode, new Map())).map(([code, files]) => ({ code, files })),
    exclusions: ranked(Object.entries(exclusions)).map(([reason, files]) => ({ reason: reasonWords(reason), files })),
  }
}

/** What is counted, the most first, and equals by name. */
function ranked(counts: Iterable<readonly [string, number]>): (readonly [string, number])[] {
  return [...counts].sort(([one, most], [other, more]) => more - most || (one < other ? -1 : 1))
}

function countCode(counts: Map<string, number>, { code }: { readonly code: string }): Map<string, number> {
  return counts.set(code, (counts.get(code) ?? 0) + 1)
}

/** A module by its name; one that is named from where the file lies, by its place in the tree: `../a` is another one in each folder. */
function moduleOf(from: unknown, path: string): string | undefined {
  if (typeof from !== 'string') return undefined
  return /^\.\.?\//.test(from) ? posix.join(posix.dirname(path), from) : from
}

function reasonWords(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason as ExclusionReason] : reason
}

async function* factsOf(ledger: Ledger, jobId: string): AsyncGenerator<Facts> {
  for (let after: string | undefined; ; ) {
    const page = await ledger.results(jobId, after, PAGE_ROWS, PAGE_BYTES)
    if (page.length === 0) return
    for (const { record } of page) yield JSON.parse(record) as Facts
    after = page.at(-1)!.path
  }
}

function numberIn(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0
}

function entriesIn<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value.filter((entry) => typeof entry === 'object' && entry !== null) as T[]) : []
}

/** The largest of what is offered, the first of equals before later ones. */
class Top<T> {
  readonly #count: number
  readonly #sizeOf: (item: T) => number
  #items: T[] = []

  constructor(count: number, sizeOf: (item: T) => number) {
    this.#count = count
    this.#sizeOf = sizeOf
  }

  offer(item: T): void {
    this.#items.push(item)
    if (this.#items.length >= 20 * this.#count) this.#items = this.list()
  }

  list(): T[] {
    return [...this.#items].sort((a, b) => this.#sizeOf(b) - this.#sizeOf(a)).slice(0, this.#count)
  }
}
