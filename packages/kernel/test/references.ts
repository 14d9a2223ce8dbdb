import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** How many of `references` still lead to their object after a garbage collection. */
export async function aliveOf(references: readonly WeakRef<object>[]): Promise<number> {
  // A WeakRef keeps its object until the turn that made it has ended.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  return references.filter((reference) => reference.deref() !== undefined).length
}
