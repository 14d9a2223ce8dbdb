import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { Folder, runMillrace } from '../run-millrace.ts'

const MINE = `export default {
  name: 'mine', version: '1', match: ({ path }) => path.endsWith('.js'),
  process: ({ file, bytes }) => (file.path.startsWith('lot') ? { lot: Math.random() } : { size: bytes.length }),
}`
/** Each kills and starts engines. */
const BOUND_MS = 240_000

function treeOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, n) => [`tree/${name}`, `export const a = ${n}\n`]))
}

it('tries a processor, leaves nothing behind, and says by its exit code what it found', {
  timeout: BOUND_MS,
}, async () => {
  const names = Array.from({ length: 20 }, (_, n) => `file-${n}.js`)
  await using folder = await Folder.with({ 'mine.js': MINE, ...treeOf([...names, 'lot.js']) })
  const args = ['files', 'chaos', 'tree', '--processor', './mine.js', '--seed', '1', '--kills', '1', '--workers', '1']
  const { code, stdout, stderr } = await runMillrace(folder.path, [...args, '--deadline', '1', '--json'], {
    TMPDIR: folder.path,
  })
  expect([code, stderr]).toEqual([2, ''])
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ verdict: 'faulty', seed: 1, files: 21, losses: [], folder: null },
    books: { discovered: 21, delivered: 21 },
    faults: [{ kind: 'not-deterministic', path: 'lot.js', processor: 'mine@1' }],
  })
  expect((await readdir(folder.path)).filter((name) => name.startsWith('millrace-chaos'))).toEqual([])
})
