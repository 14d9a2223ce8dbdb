import type { Samples } from '../harness/row.ts'

/** Something that is measured, a sample a round. */
export interface Contender {
  readonly name: string
  sample(): number | Promise<number>
}

/**
 * Measures all contenders once a round, each round beginning with another one, so that a machine that grows slow or fast
 * does so for all of them.
 */
export async function inTurns(contenders: readonly Contender[], rounds: number): Promise<Samples[]> {
  const values: number[][] = contenders.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const place = (round + turn) % contenders.length
      values[place]!.push(await contenders[place]!.sample())
    }
  }
  return contenders.map(({ name }, place) => ({ name, values: values[place]! }))
}
