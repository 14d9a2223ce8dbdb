import { BatchController } from '@millrace/frame'
import type { Clock } from '@millrace/kernel/clock'
import type { EcsSystem } from '../ecs-systems.ts'
import type { Simulation } from '../simulation.ts'
import type { ContenderOptions, FrameContender } from './contender.ts'

/** Passes that are queued ahead, so that a frame never ends for want of work. */
const AHEAD = 3
const COST = 0.05

/** Recurring systems in the lanes that there are by default, each a generator. */
export function ours(simulation: Simulation, options: ContenderOptions & { readonly clock?: Clock }): FrameContender {
  const controller = new BatchController(options)
  for (const system of simulation.systems) {
    controller.register({ name: system.type, type: system.type, cost: COST, run: () => stepsOf(simulation, system) })
  }
  return { name: 'ours', frame: () => void controller.runFrame() }
}

/** The same in one lane, in turns, as a scheduler without lanes has them: jobs that queue the next of their kind. */
export function oursInTurns(simulation: Simulation, { budgetMs }: ContenderOptions): FrameContender {
  const controller = new BatchController({ budgetMs, lanes: ['all'] })
  const submits = simulation.systems.map((system) => {
    const id = controller.register({
      name: system.type,
      type: 'all',
      cost: COST,
      recurring: false,
      run: function* () {
        yield* stepsOf(simulation, system)
        controller.submit(id)
      },
    })
    return () => controller.submit(id)
  })
  for (let pass = 0; pass < AHEAD; pass++) for (const submit of submits) submit()
  return { name: 'ours, in turns', frame: () => void controller.runFrame() }
}

/** A pass, as a generator has it. */
export function* stepsOf(simulation: Simulation, system: EcsSystem): Generator<void, void, void> {
  const pass = simulation.pass(system)
  while (pass.step()) yield
}
