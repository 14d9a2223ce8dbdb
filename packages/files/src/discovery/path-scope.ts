import { compareBytes } from './byte-order.ts'

/** A part of a tree: some paths and all that lies below them. */
export class PathScope {
  /** In byte order, none below another. */
  readonly paths: readonly string[]
  readonly #paths: ReadonlySet<string>
  /** The folders on the way to them, without the root. */
  readonly #onTheWay = new Set<string>()

  /** @param paths Below the root, with `/` between their parts; none empty. */
  constructor(paths: Iterable<string>) {
    const given = new Set(paths)
    this.paths = [...given].filter((path) => !ancestors(path).some((folder) => given.has(folder))).sort(compareBytes)
    this.#paths = new Set(this.paths)
    for (const path of this.paths) for (const folder of ancestors(path)) this.#onTheWay.add(folder)
  }

  /** Whether it is one of the paths. */
  has(path: string): boolean {
    return this.#paths.has(path)
  }

  /** Whether one of the paths lies below this folder. */
  leadsOn(folder: string): boolean {
    return this.#onTheWay.has(folder)
  }
}

/** The folders that a path lies in, the root left out. */
function ancestors(path: string): string[] {
  const folders: string[] = []
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash))
  return folders
}
