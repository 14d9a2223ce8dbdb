import type { BigIntStats } from 'node:fs'
import type { ExclusionReason } from '../file.ts'
import type { WalkOptions } from './discover-options.ts'
import type { DiscoveryProblem } from './discovery.ts'
import { type Entry, readFolder } from './folder.ts'
import { GitRules } from './git-rules.ts'
import { compileGlobs, type GlobTest } from './globs.ts'
import type { PathScope } from './path-scope.ts'
import { repositoryRules } from './repository.ts'
import { STORE_FOLDERS, VENDOR_FOLDERS } from './vendor-folders.ts'
import { nodeFs, type WalkFs } from './walk-fs.ts'

/** What a walk tells as it goes. */
export interface WalkVisitor {
  file(path: string, stats: BigIntStats): void
  excluded(path: string, reason: ExclusionReason): void
  problem(problem: DiscoveryProblem): void
  /** A folder was opened: the walk goes on even where it finds nothing to tell. */
  folder(): void
}

/** A folder the walk is inside of. */
interface OpenFolder {
  /** Path below the root, empty for the root, else ending in `/`. */
  readonly path: string
  readonly entries: readonly Entry[]
  readonly rules: GitRules | null
  /** Whether all of it is to be told; of other folders only what the scope has. */
  readonly whole: boolean
  next: number
}

/**
 * Walks the tree below `root` depth first and tells `visit` what it finds, in byte order of the paths.
 *
 * Every entry that is not in a pruned folder is told once: as a file, as excluded, or as a problem. Synchronous; the depth is
 * bounded by memory alone. Only files that are taken are looked at beyond their folder's listing.
 * @param root Absolute, free of symbolic links.
 * @param scope The part of the tree to be told of, exactly as a walk over all of it would; other folders are not entered. @default all
 */
export function walk(
  root: string,
  options: WalkOptions,
  visit: WalkVisitor,
  fs: WalkFs = nodeFs,
  scope?: PathScope,
): void {
  new Walk(root, options, visit, fs, scope).run()
}

class Walk {
  readonly #root: string
  readonly #options: WalkOptions
  readonly #visit: WalkVisitor
  readonly #fs: WalkFs
  readonly #scope: PathScope | undefined
  readonly #include: GlobTest | null
  readonly #exclude: GlobTest | null
  /** Where the root lies below the repository's top: empty, or ending in `/`. */
  #below = ''
  /** The folders entered, by device and inode; kept only where links can lead to one twice. */
  readonly #entered = new Set<string>()
  readonly #open: OpenFolder[] = []

  constructor(root: string, options: WalkOptions, visit: WalkVisitor, fs: WalkFs, scope: PathScope | undefined) {
    this.#root = root.endsWith('/') ? root : `${root}/`
    this.#options = options
    this.#visit = visit
    this.#fs = fs
    this.#scope = scope
    this.#include = compileGlobs(options.include)
    this.#exclude = compileGlobs(options.exclude)
  }

  run(): void {
    let rules: GitRules | null = null
    if (this.#options.gitignore) ({ rules, below: this.#below } = repositoryRules(this.#root, this.#fs))
    this.#enter('', rules, this.#scope === undefined)
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      if (folder.next === folder.entries.length) this.#open.pop()
      else this.#goOn(folder)
    }
  }

  /** Meets the entries of a folder up to the next one that opens a folder below it. */
  #goOn(folder: OpenFolder): void {
    const { entries } = folder
    while (folder.next < entries.length) {
      const entry = entries[folder.next++]!
      const path = folder.path + entry.name
      const whole = folder.whole || this.#scope!.has(path)
      if (!whole && !(entry.kind === 'folder' && this.#scope!.leadsOn(path))) continue
      if (entry.kind !== 'folder') {
        this.#meet(entry, path, folder.rules)
      } else if (!this.#prunes(entry.name, path, folder.rules)) {
        this.#enter(`${path}/`, folder.rules, whole)
        return
      }
    }
  }

  #enter(path: string, rules: GitRules | null, whole: boolean): void {
    try {
      if (this.#options.followSymlinks && !this.#isFirstVisit(path)) return
      const entries = readFolder(this.#fs, this.#root + path, this.#options.followSymlinks)
      this.#open.push({ path, entries, rules: this.#rulesIn(path, entries, rules), whole, next: 0 })
    } catch (failure) {
      this.#problem(path === '' ? '.' : path.slice(0, -1), failure)
    }
    this.#visit.folder()
  }

  #isFirstVisit(path: string): boolean {
    const { dev, ino } = this.#fs.stat(this.#root + path)
    const identity = `${dev}:${ino}`
    if (this.#entered.has(identity)) return false
    this.#entered.add(identity)
    return true
  }

  #rulesIn(path: string, entries: readonly Entry[], above: GitRules | null): GitRules | null {
    if (!this.#options.gitignore) return above
    // As git does, a `.gitignore` that is a link (or a pipe, on which a read would wait for ever) is not read.
    const file = entries.find(({ name }) => name >= '.gitignore')
    if (file?.name !== '.gitignore' || file.kind !== 'file' || file.linked) return above
    try {
      return new GitRules(this.#below + path, this.#fs.readText(`${this.#root}${path}.gitignore`), above)
    } catch (failure) {
      this.#problem(`${path}.gitignore`, failure)
      return above
    }
  }

  #meet(entry: Entry, path: string, rules: GitRules | null): void {
    const reason = this.#exclusion(entry, path, rules)
    if (reason !== null) this.#visit.excluded(path, reason)
    else if (entry.kind === 'broken') this.#problem(path, entry.failure)
    else this.#take(path, entry)
  }

  #prunes(name: string, path: string, rules: GitRules | null): boolean {
    return (
      STORE_FOLDERS.has(name) ||
      (!this.#options.hidden && name.startsWith('.')) ||
      (!this.#options.vendor && VENDOR_FOLDERS.has(name)) ||
      (rules?.ignores(`${this.#below + path}/`, name) ?? false) ||
      (this.#exclude?.(path, name) ?? false)
    )
  }

  #exclusion({ name, kind }: Entry, path: string, rules: GitRules | null): ExclusionReason | null {
    if (kind === 'unnameable') return 'name-not-utf8'
    if (name.startsWith('.') && (!this.#options.hidden || name === '.git')) return 'hidden'
    if (rules?.ignores(this.#below + path, name)) return 'ignored'
    if (this.#exclude?.(path, name)) return 'excluded'
    if (kind === 'symlink' || kind === 'special') return kind
    return this.#include === null || this.#include(path, name) ? null : 'not-included'
  }

  #take(path: string, { linked }: Entry): void {
    const stats = this.#look(path, linked)
    if (stats === null) return
    if (stats.isFile()) {
      this.#visit.file(path, stats)
    } else {
      // Something else took the name since the folder was listed.
      this.#visit.excluded(path, 'special')
    }
  }

  #look(path: string, linked: boolean): BigIntStats | null {
    try {
      return linked ? this.#fs.stat(this.#root + path) : this.#fs.lstat(this.#root + path)
    } catch (failure) {
      this.#problem(path, failure)
      return null
    }
  }

  #problem(path: string, failure: unknown): void {
    const { code = 'UNKNOWN', message } = failure as NodeJS.ErrnoException
    this.#visit.problem({ path, code, message })
  }
}
