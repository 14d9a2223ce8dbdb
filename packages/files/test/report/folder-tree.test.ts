import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FolderTree, type Sums, type TreeNode } from '../../src/report/folder-tree.ts'

const sums = fc.record({ bytes: fc.nat(1e6), lines: fc.nat(1e4), complexity: fc.nat(1e3) })
const path = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '..', '__proto__'), { minLength: 1, maxLength: 4 })
const files = fc.uniqueArray(
  fc.record({ path: path.map((names) => names.join('/')), sums }),
  // A folder has a name, and a file another.
  { selector: ({ path }) => path, maxLength: 80 },
)

function treeOf(given: readonly { readonly path: string; readonly sums: Sums }[]): FolderTree {
  const tree = new FolderTree()
  for (const { path, sums } of given) tree.add(`${path}.ts`, sums)
  return tree
}

function nodesOf(node: TreeNode): TreeNode[] {
  return [node, ...(node.parts ?? []).flatMap(nodesOf)]
}

const totalOf = (parts: readonly TreeNode[], key: 'files' | 'bytes' | 'lines' | 'complexity') =>
  parts.reduce((sum, part) => sum + part[key], 0)

const KEYS = ['files', 'bytes', 'lines', 'complexity'] as const

/** Each folder has the sums of its parts, and the whole those of all files, whatever is left out. */
const sumsOf = (pruned: (tree: FolderTree, most: number) => TreeNode) =>
  fc.property(files, fc.integer({ min: 2, max: 100 }), (given, most) => {
    const whole = pruned(treeOf(given), most)
    for (const key of ['bytes', 'lines', 'complexity'] as const)
      expect(whole[key]).toBe(given.reduce((sum, { sums }) => sum + sums[key], 0))
    expect(whole.files).toBe(given.length)
    for (const { parts, ...node } of nodesOf(whole)) {
      if (parts === undefined) continue
      for (const key of KEYS) expect(totalOf(parts, key)).toBe(node[key])
    }
  })

test('every folder has the sums of its parts, and the whole those of all files, however much is left out', () => {
  fc.assert(sumsOf((tree, most) => tree.pruned(most)))
})

test('a tree that forgets what it leaves out would not', () => {
  const forgetful = ({ parts, ...node }: TreeNode): TreeNode =>
    parts === undefined
      ? node
      : { ...node, parts: parts.filter((part) => part.parts !== undefined || part.name.endsWith('.ts')).map(forgetful) }
  expect(fc.check(sumsOf((tree, most) => forgetful(tree.pruned(most)))).failed).toBe(true)
})

test('parts stand the largest first, what is together as one last; what fits is whole', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 100 }), (given, most) => {
      const whole = treeOf(given).pruned(most)
      for (const { parts = [] } of nodesOf(whole)) {
        const own = parts.filter(({ name, parts }) => parts !== undefined || !/^\d+ more$/.test(name))
        expect(own.map(({ bytes }) => bytes)).toEqual(own.map(({ bytes }) => bytes).sort((a, b) => b - a))
        expect(parts.slice(0, own.length)).toEqual(own)
      }
      const everything = treeOf(given).pruned(1000)
      expect(nodesOf(everything).filter(({ parts }) => parts === undefined)).toHaveLength(given.length)
    }),
  )
})

test('there are no more nodes than asked for, and they are the largest', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 2, max: 60 }), (given, most) => {
      const nodes = nodesOf(treeOf(given).pruned(most))
      expect(nodes.length).toBeLessThanOrEqual(most)
      const named = nodes.filter(({ name, parts }) => parts !== undefined || name.endsWith('.ts'))
      const all = nodesOf(treeOf(given).pruned(1000))
      // Half of what was asked for stands by name, and more: but for those that are as large as others left out.
      const half = all.map(({ bytes }) => bytes).sort((a, b) => b - a)[Math.floor(most / 2)] ?? -1
      expect(named.length).toBeGreaterThanOrEqual(all.filter(({ bytes }) => bytes > half).length)
    }),
  )
})

test('of a large tree every folder near the root stands by its name', () => {
  const tree = new FolderTree()
  for (let at = 0; at < 20_000; at++)
    tree.add(`f${at % 40}/g${at % 7}/file ${at}.ts`, { bytes: at, lines: 1, complexity: 1 })
  const pruned = tree.pruned(1000)
  expect(pruned.parts).toHaveLength(40)
  expect(pruned.files).toBe(20_000)
  expect(nodesOf(pruned).length).toBeGreaterThan(500)
})
