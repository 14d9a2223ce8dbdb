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
const MOST_NODES = 30_000

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
   * The tree with at most so many nodes: the largest of all, wherever they stand, and of each folder the others together as one. Sums are those of all files,
   * whatever is left out.
   *
   * O(files × log files).
   * @param most At least 2. @default 30000
   */
  pruned(most = MOST_NODES): TreeNode {
    const whole = nodeOf('', this.#root)
    const sizes = sizesOf(whole)
    // Every folder that is kept may need one node more, for what is left out of it.
    const kept = Math.max(1, Math.floor(most / 2))
    return sizes.length <= most ? whole : cut(whole, sizes.sort()[sizes.length - kept - 1] ?? 0)
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

/** The node with those of its parts that are larger than so many bytes: what a kept one stands in is larger still, and kept. */
function cut(node: TreeNode, bytes: number): TreeNode {
  if (node.parts === undefined) return node
  const kept = node.parts.filter((part) => part.bytes > bytes).map((part) => cut(part, bytes))
  const rest = node.parts.slice(kept.length)
  if (rest.length === 0) return { ...node, parts: kept }
  const { files, ...sums } = together(rest)
  // A file by itself has a name.
  const last = files === 1 && rest[0]?.parts === undefined ? rest[0]! : { name: `${files} more`, files, ...sums }
  return { ...node, parts: [...kept, last] }
}

function sizesOf(whole: TreeNode): Float64Array {
  const sizes: number[] = []
  const walk = (node: TreeNode) => {
    sizes.push(node.bytes)
    node.parts?.forEach(walk)
  }
  walk(whole)
  return Float64Array.from(sizes)
}
