/** What a file, or all of a folder's, come to. */
export interface Sums {
  readonly bytes: number
  readonly lines: number
  readonly complexity: number
}

/** A folder with its parts, or a file, or small files that stand together as one. */
export interface TreeNode extends Sums {
  readonly name: string
  /** Files in it; 1 for a file. */
  readonly files: number
  /** Largest first; none for a file. */
  readonly parts?: readonly TreeNode[]
}

interface Folder {
  readonly folders: Map<string, Folder>
  readonly files: { readonly name: string; readonly sums: Sums }[]
}

/** More nodes than these no page shows, nor anybody looks at. */
const MOST_NODES = 15_000

/** The folders and files of a tree, by size. */
export class FolderTree {
  readonly #root: Folder = emptyFolder()

  add(path: string, sums: Sums): void {
    const names = path.split('/')
    const name = names.pop()!
    let folder = this.#root
    for (const each of names) {
      let next = folder.folders.get(each)
      if (next === undefined) {
        next = emptyFolder()
        folder.folders.set(each, next)
      }
      folder = next
    }
    folder.files.push({ name, sums })
  }

  /**
   * The tree with at most so many nodes: of each folder the largest parts, the others together as one. Sums are those of all files, whatever is left out.
   * @param most At least 1. @default 15000
   */
  pruned(most = MOST_NODES): TreeNode {
    const whole = nodeOf('', this.#root)
    // The same for every folder, halved until it fits: what is looked at is looked at evenly.
    for (let parts = 4096; ; parts = Math.floor(parts / 2)) {
      const tree = cut(whole, Math.max(parts, 1))
      if (parts <= 1 || countOf(tree) <= most) return tree
    }
  }
}

function emptyFolder(): Folder {
  return { folders: new Map(), files: [] }
}

function nodeOf(name: string, folder: Folder): TreeNode {
  const parts: TreeNode[] = folder.files.map(({ name, sums }) => ({ name, files: 1, ...sums }))
  for (const [child, inner] of folder.folders) parts.push(nodeOf(child, inner))
  parts.sort((one, other) => other.bytes - one.bytes || (one.name < other.name ? -1 : 1))
  return { name, ...together(parts), parts }
}

function together(parts: readonly TreeNode[]): Sums & { readonly files: number } {
  const sums = { files: 0, bytes: 0, lines: 0, complexity: 0 }
  for (const part of parts) {
    sums.files += part.files
    sums.bytes += part.bytes
    sums.lines += part.lines
    sums.complexity += part.complexity
  }
  return sums
}

function cut(node: TreeNode, most: number): TreeNode {
  if (node.parts === undefined) return node
  const kept = node.parts.slice(0, most).map((part) => cut(part, most))
  const rest = node.parts.slice(most)
  if (rest.length === 0) return { ...node, parts: kept }
  const { files, ...sums } = together(rest)
  return { ...node, parts: [...kept, { name: `${files} more`, files, ...sums }] }
}

function countOf({ parts = [] }: TreeNode): number {
  return parts.reduce((count, part) => count + countOf(part), 1)
}
