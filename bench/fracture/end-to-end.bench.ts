import type { Bench } from '../harness/bench.ts'
import { quantile } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { inTurns } from '../pool/in-turns.ts'
import { Scene } from './debris.ts'
import { atOnce } from './destroyers/at-once.ts'
import { byHand } from './destroyers/by-hand.ts'
import type { Destroyer } from './destroyers/destroyer.ts'
import { ours } from './destroyers/ours.ts'
import { pools } from './destroyers/pools.ts'
import { explode } from './explosion.ts'
import { flood } from './flood.ts'

const THREADS = 2
/** Ours as it comes on two cores: one worker, and one more once something takes long. */
const OWN_THREADS = 1
const LEAST_A_SECOND = 2000
/** What is broken is to be debris within so many frames. */
const MOST_FRAMES = 3

/** How many fractures in a second, from the call to the debris, and how many frames does a typical one take? */
export default async function endToEnd(bench: Bench): Promise<void> {
  const scene = new Scene()
  const kinds = [ours, byHand, pools[0]!, pools[4]!, atOnce]
  await using stack = new AsyncDisposableStack()
  let first = 0
  const contenders = []
  const opened: Destroyer[] = []
  const count = bench.quick ? 1000 : 3000
  for (const kind of kinds) {
    const { name } = kind
    const destroyer = stack.adopt(kind.open(kind === ours ? OWN_THREADS : THREADS), (one) => one.close())
    opened.push(destroyer)
    const sample = async () => {
      first += count
      return flood(destroyer, scene, first, count)
    }
    await sample()
    contenders.push({ name, sample })
  }
  const [own, ...others] = await inTurns(contenders, bench.quick ? 3 : 7)
  bench.report([
    rowAgainst('fracture/done-in-a-second', 'jobs', own!.values, LEAST_A_SECOND),
    ...others.map((other) => rowBeside('fracture/done-in-a-second', 'jobs', own!.values, other)),
  ])

  const [oursOpened] = opened
  // No object is one that the cache knows.
  first += count
  for (const objects of [1, 10, 30]) {
    const late: number[][] = []
    for (let round = 0; round < (bench.quick ? 3 : 5); round++) {
      const frames: number[] = []
      for (let operation = 0; operation < (bench.quick ? 20 : 60); operation++) {
        first += objects
        const { framesLate } = await explode(oursOpened!, scene, { objects, first, poisonPoints: 0 })
        frames.push(...framesLate)
      }
      late.push(frames)
    }
    const name = objects === 1 ? 'one' : `${objects}-at-once`
    bench.report(
      [0.5, 0.99].map((share) =>
        rowAgainst(
          `fracture/frames-until-${name}-p${share * 100}`,
          'frames',
          late.map((frames) => quantile(frames, share)),
          MOST_FRAMES,
        ),
      ),
    )
  }
}
