import { Simulation } from './simulation.ts'

/** A step of the dearest system then takes about a tenth of a budget of 2.5 ms. */
export const ENTITIES_A_STEP = 1000

/** So many keep five systems busy for more than twice the budget. */
const ENTITIES_A_MS = 10_000
const DRIFT = 0.3
const DRIFT_FRAMES = 120

/** How many entities there are in a frame: they come and go in waves. */
export function entitiesIn(budgetMs: number, frame: number): number {
  return Math.round(budgetMs * ENTITIES_A_MS * (1 + DRIFT * Math.sin((2 * Math.PI * frame) / DRIFT_FRAMES)))
}

/** A world with more to do in every frame than fits. */
export function simulationFor(budgetMs: number): Simulation {
  const entities = entitiesIn(budgetMs, 0)
  return new Simulation({ entities, capacity: Math.ceil(entities * (1 + DRIFT)), entitiesAStep: ENTITIES_A_STEP })
}
