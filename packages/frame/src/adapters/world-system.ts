import type { BatchType } from '../batch-type.ts'
import type { BatchSystem, SystemRun } from '../system/batch-system.ts'
import type { SystemFrame } from '../system/system-frame.ts'

/** What {@link worldSystem} takes: all that a system has, but a `run` that is given the world. */
export interface WorldSystemOptions<World, Output, Lane extends string>
  extends Omit<BatchSystem<void, Output, Lane>, 'run' | 'decode'> {
  /** The system, as it is. What it returns says how it goes on, as of any {@link BatchSystem}. */
  readonly run: (world: World, frame: SystemFrame) => ReturnType<SystemRun<void, Output>>
}

/**
 * Makes a registered system of one that takes the whole world, as systems of bitECS and koota do.
 *
 * Without a `yield` it is one step, which cannot be interrupted.
 */
export function worldSystem<World, Output, Lane extends string = BatchType>(
  world: World,
  options: WorldSystemOptions<World, Output, Lane>,
): BatchSystem<void, Output, Lane> {
  const { run, ...system } = options
  return { ...system, name: system.name ?? run.name, run: (frame) => run(world, frame) }
}
