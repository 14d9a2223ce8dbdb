import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { BatchProcessingEngine } from '../../src/files.ts'
import { randomBelow } from '../ledger/random.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import type { WatchOrder } from './watch-driver.ts'

const KILLS: readonly WatchOrder['kill'][] = [
  { at: 'job-started', n: 1 },
  { at: 'tree-met', n: 2 },
  { at: 'batch-started', n: 2 },
  { at: 'batch-committed', n: 1 },
  { at: 'job-finished', n: 2 },
  { at: 'exporting', n: 1 },
  { at: 'exported', n: 1 },
]

/** What a batch run over the tree gives, with a ledger of its own. */
async function batchRun(root: string): Promise<string> {
  const place = temporaryFolder()
  const out = join(place, 'batch.jsonl')
  await using engine = new BatchProcessingEngine({ stateDir: join(place, 'state'), out, workerCount: 1 })
  await engine.processRepository(root)
  return readFileSync(out, 'utf8')
}

function changeSomething(root: string, below: (n: number) => number): void {
  const path = join(root, `d${below(3)}/f${below(4)}.ts`)
  const other = join(root, `d${below(3)}/g${below(4)}.ts`)
  const act = below(4)
  if (act === 0) rmSync(path, { force: true })
  else if (act === 1 && existsSync(path)) {
    mkdirSync(dirname(other), { recursive: true })
    renameSync(path, other)
  } else writeTree(root, { [path.slice(root.length + 1)]: `let x = ${below(1e9)}\n` })
  writeFileSync(join(root, 'keep.ts'), `let keep = ${below(1e9)}\n`)
}

test('a watch that is killed anywhere leaves nothing that the next one does not put right', {
  timeout: 180_000,
}, async () => {
  const below = randomBelow(7)
  const root = writeTree(temporaryFolder(), {
    'keep.ts': 'let keep = 0\n',
    'd0/f0.ts': 'let a\n',
    'd1/f1.ts': 'let b\n',
  })
  const place = temporaryFolder()
  const [stateDir, out] = [join(place, 'state'), join(place, 'out.jsonl')]
  let stale = 0
  for (const kill of KILLS) {
    const order: WatchOrder = { root, stateDir, out, kill }
    const driver = fork(fileURLToPath(new URL('./watch-driver.ts', import.meta.url)), [JSON.stringify(order)], {
      execArgv: ['--conditions=millrace-source'],
    })
    const ended = once(driver, 'exit')
    // Each run that is told of is followed by an edit, until one of them is the last.
    driver.on('message', () => changeSomething(root, below))
    expect(await ended).toEqual([null, 'SIGKILL'])
    changeSomething(root, below)
    const wanted = await batchRun(root)
    if (readFileSync(out, 'utf8') !== wanted) stale++

    await using engine = new BatchProcessingEngine({ stateDir, out, workerCount: 1 })
    for await (const { result } of engine.watch(root)) {
      expect(result).toMatchObject({ balanced: true, interrupted: false })
      break
    }
    expect(readFileSync(out, 'utf8')).toBe(wanted)
  }
  // Were there nothing to put right, nothing would have been shown.
  expect(stale).toBeGreaterThan(0)
})
