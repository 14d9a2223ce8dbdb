import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FolderTree, type TreeNode } from '../../src/report/folder-tree.ts'

const sums = fc.record({ bytes: fc.nat(1e6), lines: fc.nat(1e4), complexity: fc.nat(1e3) })
const path = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '..', '__proto__'), { minLength: 1, maxLength: 4 })
const files = fc.uniqueArray(
  fc.record({ path: path.map((names) => names.join('/')), sums }),
  // A folder has a name, and a file another.
  { selector: ({ path }) => path, maxLength: 80 },
)

function treeOf(given: readonly { readonly path: string; readonly sums: fc.RuntimeTypeOf<typeof sums> }[]): FolderTree {
  const tree = new FolderTree()
  for (const { path, sums } of given) tree.add(`${path}.ts`, sums)
  return tree
}

function nodesOf(node: TreeNode): TreeNode[] {
  return [node, ...(node.parts ?? []).flatMap(nodesOf)]
}

const totalOf = (parts: readonly TreeNode[], key: 'files' | 'bytes' | 'lines' | 'complexity') =>
  parts.reduce((sum, part) => sum + part[key], 0)

test('every folder has the sums of its parts, and the whole those of all files, however much is left out', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 100 }), (given, most) => {
      const whole = treeOf(given).pruned(most)
      for (const key of ['bytes', 'lines', 'complexity'] as const)
        expect(whole[key]).toBe(given.reduce((sum, { sums }) => sum + sums[key], 0))
      expect(whole.files).toBe(given.length)
      for (const { parts, ...node } of nodesOf(whole)) {
        if (parts === undefined) continue
        for (const key of ['files', 'bytes', 'lines', 'complexity'] as const)
          expect(totalOf(parts, key)).toBe(node[key])
      }
    }),
  )
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

test('there are no more nodes than asked for, unless one part of each folder is more', () => {
  const tree = new FolderTree()
  for (let at = 0; at < 20_000; at++)
    tree.add(`f${at % 40}/g${at % 7}/file ${at}.ts`, { bytes: at, lines: 1, complexity: 1 })
  for (const most of [100, 1000, 15_000]) expect(nodesOf(tree.pruned(most)).length).toBeLessThanOrEqual(most)
  expect(nodesOf(tree.pruned(1000)).length).toBeGreaterThan(300)
  expect(tree.pruned(1).files).toBe(20_000)
})
