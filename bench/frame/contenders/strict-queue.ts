import type { Simulation, SystemPass } from '../simulation.ts'
import type { ContenderOptions, FrameContender } from './contender.ts'

/** An array a lane, the most urgent first. The clock is read after every step, and the frame ends when time is up. */
export function strictQueue(simulation: Simulation, { budgetMs }: ContenderOptions): FrameContender {
  const lanes: SystemPass[][] = simulation.systems.map(() => [])
  const frame = () => {
    const startedAt = performance.now()
    for (let lane = 0; lane < lanes.length; lane++) {
      if (lanes[lane]!.length === 0) lanes[lane]!.push(simulation.pass(simulation.systems[lane]!))
    }
    for (const lane of lanes) {
      while (lane.length > 0) {
        if (!lane[0]!.step()) lane.shift()
        if (performance.now() - startedAt >= budgetMs) return
      }
    }
  }
  return { name: 'naive strict queue', frame }
}
