import { atOnce } from './at-once.ts'
import { byHand } from './by-hand.ts'
import type { DestroyerKind } from './destroyer.ts'
import { ours, oursOnCaller } from './ours.ts'
import { pools } from './pools.ts'
import { readyMade } from './ready-made.ts'

const kinds = [ours, oursOnCaller, atOnce, byHand, readyMade, ...pools]

/** The one of that name. */
export function kindNamed(name: string): DestroyerKind {
  const kind = kinds.find((one) => one.name === name)
  if (kind === undefined) throw new Error(`no way to destroy is called ${name}`)
  return kind
}
