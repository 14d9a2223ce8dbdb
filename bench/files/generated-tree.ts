import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../harness/random.ts'

export interface TreeSpec {
  readonly files: number
  /** The smallest file, bytes. */
  readonly minBytes: number
  /** The largest file, bytes. One file has this size, whatever the number of files. */
  readonly maxBytes: number
  /** The exponent of the Pareto distribution: the smaller, the longer the tail. */
  readonly alpha: number
  /** Another seed puts other sizes in other places. @default 11 */
  readonly seed?: number
}

export interface GeneratedTree extends TreeSpec {
  /** Absolute path. */
  readonly root: string
  /** Of all files together. */
  readonly bytes: number
}

const FILES_A_FOLDER = 100
const SEED = 11
/** Raised when the contents change, so that an older tree is not taken for this one. */
const VERSION = 1

/**
 * A tree of TypeScript files whose sizes are Pareto-distributed between two bounds, in no order. The same every time, and kept in the
 * temporary folder between runs.
 */
export function generatedTree(spec: TreeSpec): GeneratedTree {
  const { files, minBytes, maxBytes, alpha, seed = SEED } = spec
  const root = join(tmpdir(), 'millrace-bench-trees', `v${VERSION}-${files}-${minBytes}-${maxBytes}-${alpha}-${seed}`)
  const stamp = `${root}.bytes`
  if (existsSync(stamp)) return { ...spec, root, bytes: Number(readFileSync(stamp, 'utf8')) }
  const unfinished = `${root}.${process.pid}`
  rmSync(root, { recursive: true, force: true })
  const bytes = write(unfinished, spec)
  renameSync(unfinished, root)
  writeFileSync(stamp, String(bytes))
  return { ...spec, root, bytes }
}

function write(root: string, spec: TreeSpec): number {
  const random = seededRandom(spec.seed ?? SEED)
  const text = program(spec.maxBytes)
  const largest = Math.floor(random() * spec.files)
  let total = 0
  for (let index = 0; index < spec.files; index++) {
    const folder = join(root, `part-${Math.floor(index / FILES_A_FOLDER)}`)
    if (index % FILES_A_FOLDER === 0) mkdirSync(folder, { recursive: true })
    const size = index === largest ? spec.maxBytes : paretoBetween(random(), spec)
    total += size
    writeFileSync(join(folder, `module-${index}.ts`), file(index, size, text))
  }
  return total
}

/** The quantile of a Pareto distribution cut at both ends. */
function paretoBetween(share: number, { minBytes, maxBytes, alpha }: TreeSpec): number {
  const cut = 1 - (minBytes / maxBytes) ** alpha
  return Math.round(minBytes / (1 - share * cut) ** (1 / alpha))
}

/** Statements up to the wanted size, and a comment that brings it there. Each file's contents are its own. */
function file(index: number, size: number, text: string): string {
  const head = `export const moduleNumber = ${index}\n`
  const end = text.lastIndexOf('\n}\n', size - head.length - '\n}\n'.length - '//\n'.length) + '\n}\n'.length
  const body = end < 3 ? '' : text.slice(0, end)
  return `${head}${body}//${'.'.repeat(Math.max(0, size - head.length - body.length - 3))}\n`
}

/** Functions of the usual kind, up to a size. */
function program(bytes: number): string {
  let text = ''
  for (let number = 0; text.length < bytes; number++) {
    text += `
/** Folds the entries of group ${number} into one figure. */
export function fold${number}(entries: readonly { key: string; weight: number }[], limit = ${number % 17}): number {
  let sum = ${number}
  for (const { key, weight } of entries) {
    if (weight > limit && key.startsWith('k${number}')) sum += weight * ${number % 7}
    else if (key === '') throw new RangeError(\`entry without a key in group \${sum}\`)
    else sum -= entries.length > ${number % 5} ? 1 : 0
  }
  return Math.round(sum)
}
`
  }
  return text
}
