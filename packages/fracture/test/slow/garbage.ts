import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { turn } from '../fake-pool.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Has all memory freed that nothing leads to. */
export async function collectGarbage(): Promise<void> {
  // A WeakRef keeps its object until the turn that made it has ended.
  await turn()
  collect()
}

/** How many of them still lead to their object. */
export async function aliveOf(references: readonly WeakRef<object>[]): Promise<number> {
  await collectGarbage()
  return references.filter((reference) => reference.deref() !== undefined).length
}
