import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { scratch } from './engine-config.ts'
import { generatedTree } from './generated-tree.ts'
import { finished, startEngine } from './start-engine.ts'

const ROUNDS = 3
const KILLED_AT = 0.6
const GOAL_S = 1
/** The specification's: a job goes on within this. */
const FLOOR_S = 30

interface Resumed {
  /** From the start of the process that resumes to its first commit of new results. */
  readonly firstResultS: number
  /** From the same moment to the end of that process, exported and all. */
  readonly endS: number
  /** What the same share of the files took before the kill. */
  readonly undisturbedS: number
}

/** After `kill -9` at 60 % of a job: how long until a new process commits its first new result, and until it is done? */
export default async function resume(bench: Bench): Promise<void> {
  const files = bench.quick ? 10_000 : 100_000
  const rounds: Resumed[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await killAndResume(files))
  const first = rounds.map(({ firstResultS }) => firstResultS)
  const undisturbed = rounds.map(({ undisturbedS }) => undisturbedS)
  bench.report([
    rowAgainst('files/resume-first-result', 's', first, GOAL_S),
    rowBeside('files/resume-first-result', 's', first, { name: 'specification', values: first.map(() => FLOOR_S) }, 1),
    rowBeside(
      'files/resume-to-the-end',
      's',
      rounds.map(({ endS }) => endS),
      { name: 'the same share of the files before the kill', values: undisturbed },
    ),
  ])
}

async function killAndResume(files: number): Promise<Resumed> {
  const { root } = generatedTree({ files, minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 })
  using place = scratch()
  const started = Date.now()
  let done = 0
  const first = startEngine({ root, config: place.config }, ({ delivered }) => {
    done += delivered
    if (done >= files * KILLED_AT) first.process.kill('SIGKILL')
  })
  if ((await first.ended) !== undefined) throw new Error('The job ended before it could be killed')
  const pace = (Date.now() - started) / done

  const resumed = Date.now()
  let firstResult: number | undefined
  const second = startEngine({ root: null, config: place.config }, ({ delivered, atMs }) => {
    if (delivered > 0) firstResult ??= atMs
  })
  const { books } = finished(await second.ended).result
  if (books.delivered !== files) throw new Error(`${books.delivered} of ${files} files were delivered`)
  return {
    firstResultS: ((firstResult ?? Number.NaN) - resumed) / 1000,
    endS: (Date.now() - resumed) / 1000,
    undisturbedS: (pace * (files - done)) / 1000,
  }
}
