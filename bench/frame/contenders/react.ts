import type { EcsSystem } from '../ecs-systems.ts'
import { loadReact, REACT_SLICE_MS, type ReactCallback } from '../peers/react.ts'
import type { Simulation } from '../simulation.ts'
import type { ContenderOptions, FrameContender } from './contender.ts'

/**
 * React's `scheduler`, whose host calls it once a frame. A callback goes on until it should yield, as React itself does,
 * and a system that has ended is scheduled anew.
 *
 * All have one priority, whose callbacks are taken in turns: a more urgent one would leave the others nothing until they
 * expire. The interval is 5 ms, or at least 8 by `unstable_forceFrameRate`, so for another budget its clock runs faster.
 */
export function react(simulation: Simulation, { budgetMs }: ContenderOptions): FrameContender {
  let turn: (() => void) | undefined
  const scheduler = loadReact((callback) => {
    turn = callback
  })
  const speed = REACT_SLICE_MS / budgetMs
  scheduler.unstable_now = () => performance.now() * speed
  const schedule = (system: EcsSystem) => {
    let pass: { step(): boolean } | undefined
    const work: ReactCallback = () => {
      pass ??= simulation.pass(system)
      do {
        if (scheduler.unstable_shouldYield()) return work
      } while (pass.step())
      schedule(system)
      return undefined
    }
    scheduler.unstable_scheduleCallback(scheduler.unstable_NormalPriority, work)
  }
  for (const system of simulation.systems) schedule(system)
  return {
    name: 'scheduler of React',
    frame: () => {
      const callback = turn
      turn = undefined
      callback?.()
    },
  }
}
