import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { expect, it } from 'vitest'
import { Cluster, work } from '../../src/cluster/index.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

it('a watch whose jobs are shared looks only where something changed, and writes the output behind', {
  timeout: 180_000,
}, async () => {
  await using server = await startPostgres()
  const place = temporaryFolder()
  const root = writeTree(join(place, 'tree'), { 'a.ts': 'let a = 1\n', 'b/c.ts': 'let c = 1\n', 'b.ts': 'let b = 1\n' })
  const ledger = { url: server.url, schema: 'watched' }
  const out = join(place, 'out.jsonl')
  await using home = await Cluster.open({ ledger })
  await using engine = new BatchProcessingEngine({ stateDir: join(place, 'state'), out }, { home })
  const end = new AbortController()
  const met: number[] = []
  let renewed = () => {}
  engine.events.subscribe((event) => {
    if (event.type === 'tree-met') met.push(event.unchanged)
    if (event.type === 'exported') renewed()
  })
  const runs = engine.watch(root, {}, { signal: end.signal })[Symbol.asyncIterator]()
  const working = work({ ledger, root, workerCount: 1, signal: end.signal })
  expect((await runs.next()).value).toMatchObject({ result: { books: { delivered: 3 } } })

  const written = new Promise<void>((resolve) => (renewed = resolve))
  // In one step, as editors do: writing is two, which are told apart where much else goes on between them.
  writeFileSync(join(place, 'fresh.ts'), 'let c = 22\nlet d\n')
  renameSync(join(place, 'fresh.ts'), join(root, 'b/c.ts'))
  expect((await runs.next()).value).toMatchObject({
    changes: 1,
    result: { books: { delivered: 3 }, reused: 2, out: null },
  })
  await written
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line)).map(({ path, lines }) => [path, lines])).toEqual([
    ['a.ts', 1],
    ['b.ts', 1],
    ['b/c.ts', 2],
  ])
  // What was written a moment before it was read is read once more by a walk of everything: here nobody has walked.
  expect(met).toEqual([0, 2])
  end.abort()
  await runs.return?.()
  await working
})
