import type { Bench } from './bench.ts'
import { type BenchRow, rowBeside, type Samples, type Unit } from './row.ts'

/** One fresh measurement. */
export interface Sample {
  readonly value: number
  /** What was computed, the same for every contender. Left out by context that computes less. */
  readonly checksum?: number
}

export interface Contender {
  readonly name: string
  /** The ratio wanted of ours to this one; left out, it is context. */
  readonly goal?: number
  /** Measures once, from a fresh start. */
  sample(): Sample | Promise<Sample>
}

export interface Comparison {
  /** `part/question`. */
  readonly id: string
  readonly unit: Unit
  readonly ours: Contender['sample']
  readonly peers: readonly Contender[]
  /** Fresh rounds, at least 3. */
  readonly rounds: number
  /** How far checksums may be apart, as a share of ours, where the contenders estimate. @default 0 */
  readonly tolerance?: number
}

/**
 * Measures ours and its peers in turns and hands in a row a peer.
 *
 * Every round has one sample of each, and begins with another contender than the round before, so that a
 * machine that grows slow or fast does so for all of them. Returns the samples of ours.
 * @throws {Error} where a peer's checksum is another than ours.
 */
export async function compare(bench: Bench, comparison: Comparison): Promise<number[]> {
  const { id, unit, ours, peers, rounds, tolerance = 0 } = comparison
  if (rounds < 3) throw new RangeError(`${id}: a median needs at least 3 rounds, not ${rounds}`)
  const contenders: Contender[] = [{ name: 'ours', sample: ours }, ...peers]
  const values: number[][] = contenders.map(() => [])
  for (let round = 0; round < rounds; round++) {
    const checksums = new Map<string, number>()
    for (let turn = 0; turn < contenders.length; turn++) {
      const place = (round + turn) % contenders.length
      const { name, sample } = contenders[place]!
      const { value, checksum } = await sample()
      values[place]!.push(value)
      if (checksum !== undefined) checksums.set(name, checksum)
    }
    checkAgreement(id, checksums, tolerance)
  }
  const [oursValues, ...peersValues] = values
  bench.report(
    peers.map(({ name, goal }, index): BenchRow => {
      const samples: Samples = { name, values: peersValues[index]! }
      return rowBeside(id, unit, oursValues!, samples, goal)
    }),
  )
  return oursValues!
}

function checkAgreement(id: string, checksums: ReadonlyMap<string, number>, tolerance: number): void {
  const ours = checksums.get('ours') ?? Number.NaN
  for (const [name, checksum] of checksums) {
    if (Math.abs(checksum - ours) <= tolerance * Math.abs(ours)) continue
    throw new Error(`${id}: ${name} computed ${checksum} where ours computed ${ours}`)
  }
}
