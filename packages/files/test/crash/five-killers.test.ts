import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { BatchProcessingEngine } from '../../src/files.ts'
import { temporaryFolder } from '../tree.ts'
import { takenFiles } from './independent-walk.ts'
import { plantTree } from './seeded-tree.ts'

const KILLERS = fileURLToPath(new URL('./processors/killers.ts', import.meta.url))
const FILES = 5000
const HEAP_MB = 40

/** Where each killer lies, what is said of it, and a part of what is known beyond that. */
const EXPECTED = {
  'deep.js': { code: 'WORKER_CRASHED', evidence: { signal: 'SIGSEGV' } },
  'greedy.js': { code: 'FILE_MEMORY', evidence: { heapMb: HEAP_MB } },
  'endless.js': { code: 'FILE_DEADLINE', evidence: { signal: 'SIGKILL' } },
  'huge.ast.json': { code: 'FILE_MEMORY', evidence: { heapMb: HEAP_MB } },
  'latin1.js': { code: 'FILE_NOT_UTF8', evidence: {} },
}

function plantKillers(root: string): void {
  // Nested deeper than the parser's stack: it takes its whole process with it.
  writeFileSync(join(root, 'deep.js'), '['.repeat(200_000))
  writeFileSync(join(root, 'greedy.js'), 'export const memory = []\n')
  writeFileSync(join(root, 'endless.js'), 'for (;;) {}\n')
  writeFileSync(join(root, 'latin1.js'), Buffer.from('const café = 1\n', 'latin1'))
  // A valid tree, whose objects need several times the heap.
  const file = openSync(join(root, 'huge.ast.json'), 'w')
  writeSync(file, '{"type":"Program","body":[{"type":"Literal"}')
  const nodes = ',{"type":"Identifier","name":"x"}'.repeat(30_000)
  for (let megabytes = 0; megabytes < 40; megabytes++) writeSync(file, nodes)
  writeSync(file, ']}')
  closeSync(file)
}

it('five killers among 5,000 files cost those five, and all others are delivered', { timeout: 240_000 }, async () => {
  const folder = temporaryFolder()
  const root = join(folder, 'tree')
  plantTree(root, { seed: 7, files: FILES - 5, broken: 0, json: false })
  plantKillers(root)
  const engine = new BatchProcessingEngine({
    ...{ stateDir: join(folder, 'state'), out: join(folder, 'out.jsonl'), workerCount: 2 },
    ...{ processors: [KILLERS, 'syntax', 'ast-json'], workerHeapMb: HEAP_MB, timeoutSeconds: 6 },
  })
  const result = await engine.processRepository(root)

  expect(result.books).toMatchObject({ delivered: FILES - 5, quarantined: 5 })
  expect(result.balanced).toBe(true)
  const found = result.quarantined.map(({ path, code, attempts, evidence }) => [
    path,
    { code, attempts, evidence: JSON.parse(evidence) as unknown },
  ])
  expect(Object.fromEntries(found)).toMatchObject(EXPECTED)
  const exported = readFileSync(join(folder, 'out.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { path: string }).path)
  expect(exported).toEqual(takenFiles(root).filter((path) => !Object.hasOwn(EXPECTED, path)))
})
