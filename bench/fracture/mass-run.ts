/** Explosions through one destroyer, in a process of its own. Prints what they came to. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Scene } from './debris.ts'
import { kindNamed } from './destroyers/kinds.ts'
import { type Explosion, explode } from './explosion.ts'

export interface MassPlan {
  readonly kind: string
  readonly threads: number
  readonly objects: number
  /** Of each sort. */
  readonly explosions: number
  /** Vertices of the poison; 0 leaves the poisoned explosions out. */
  readonly poisonPoints: number
  /** Begins other objects than another process with another number. */
  readonly seed: number
}

export interface MassOutcome {
  readonly calm: readonly Explosion[]
  readonly poisoned: readonly Explosion[]
  /** The most memory that the process ever held, before anything large was broken, MB. */
  readonly peakMb: number
  /** Of all debris. */
  readonly area: number
}

/** A game that has run for a while has warm code. */
const WARM_UPS = 6
const REST_MS = 50

const plan = JSON.parse(process.argv[2]!) as MassPlan
const destroyer = kindNamed(plan.kind).open(plan.threads)
const scene = new Scene()
let number = plan.seed * 1_000_000

for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await next(0)
const calm = await explosions(0)
const peakMb = process.resourceUsage().maxRSS / 1024
if (plan.poisonPoints > 0) await next(plan.poisonPoints)
const poisoned = plan.poisonPoints > 0 ? await explosions(plan.poisonPoints) : []
await destroyer.close()
console.log(JSON.stringify({ calm, poisoned, peakMb, area: scene.area } satisfies MassOutcome))

async function explosions(poisonPoints: number): Promise<Explosion[]> {
  const results: Explosion[] = []
  for (let count = 0; count < plan.explosions; count++) results.push(await next(poisonPoints))
  return results
}

async function next(poisonPoints: number): Promise<Explosion> {
  await sleep(REST_MS)
  const first = number
  number += plan.objects
  return explode(destroyer, scene, { objects: plan.objects, first, poisonPoints })
}
