import type { FrameHost, TimedFrame } from '@millrace/kernel/frames/frame-host'
import { timerFrames } from '@millrace/kernel/frames/timer-frames'
import { checkObject } from '@millrace/kernel/options'
import type { Subscription } from '@millrace/kernel/signal'
import type { BatchType } from './batch-type.ts'
import { BatchController } from './frame.ts'
import type { BatchControllerOptions } from './frame-options.ts'
import { driveFrames, type FrameLoop } from './hosts/drive-frames.ts'
import type { FrameReport } from './observe/batch-stats.ts'
import { type DevtoolsTracksOptions, devtoolsTracks } from './observe/devtools-tracks.ts'
import {
  batchPerformanceMonitorSystem,
  type PerformanceMonitorOptions,
  type PerformanceTracker,
  performanceSnapshot,
} from './observe/performance-tracker.ts'
import type { BatchSystem } from './system/batch-system.ts'
import type { AnySystem } from './system/registered-system.ts'
import type { SystemIdOf } from './system/system-id-of.ts'

/** Systems by the names that reports and traces have for them. */
export type NamedSystems<Lane extends string> = Readonly<Record<string, AnySystem & { readonly type: Lane }>>

export interface BatchProcessingOptions<Lane extends string, Systems extends NamedSystems<Lane>>
  extends BatchControllerOptions<Lane> {
  /** What is registered from the start. @default none */
  readonly systems?: Systems
  /** Whose frames it runs with. @default none yet: see `drive`, or call `controller.runFrame()` */
  readonly host?: FrameHost
  /** Called after each frame of a host: to draw what the systems have made. */
  readonly onFrame?: (report: FrameReport, frame: TimedFrame) => void
  /** Is told how it does, also when it is closed. @default nobody */
  readonly tracker?: PerformanceTracker
  /** How often, and with which labels. */
  readonly monitor?: PerformanceMonitorOptions
  /** Shows what runs in the performance panel of Chrome's DevTools. @default false */
  readonly devtools?: boolean | DevtoolsTracksOptions<Lane>
}

const SPANS_FOR_DEVTOOLS = 4096
/** For the frames that there are while it is closed and no host has any. */
const CLOSING_FPS = 60

/**
 * A controller, its systems, the host that drives it, and who looks on, as one.
 *
 * Nothing runs before the first frame of the host. What is wrong with an option is thrown before anything is started.
 * @throws {MillraceError} as `BatchController`, its `register` and `devtoolsTracks` do.
 */
export class BatchProcessingPlugin<
  Lane extends string = BatchType,
  Systems extends NamedSystems<Lane> = NamedSystems<Lane>,
> implements AsyncDisposable
{
  readonly controller: BatchController<Lane>
  /** The ids of the systems, by name. */
  readonly systems: { readonly [Name in keyof Systems]: SystemIdOf<Systems[Name]> }
  readonly #options: BatchProcessingOptions<Lane, Systems>
  readonly #onlookers: Subscription[] = []
  #loop: FrameLoop | undefined
  #closing: Promise<void> | undefined

  constructor(options: BatchProcessingOptions<Lane, Systems> = {}) {
    const {
      systems = {},
      host,
      tracker,
      monitor,
      devtools = false,
    } = checkObject('BatchProcessingPlugin', 'options', options)
    this.#options = options
    this.controller = new BatchController<Lane>(
      devtools === false ? options : { traceSpans: SPANS_FOR_DEVTOOLS, ...options },
    )
    this.systems = registerAll(this.controller, systems) as typeof this.systems
    if (tracker !== undefined) this.#onlookers.push(batchPerformanceMonitorSystem(this.controller, tracker, monitor))
    if (devtools !== false) this.#onlookers.push(devtoolsTracks(this.controller, devtools === true ? {} : devtools))
    if (host !== undefined) this.drive(host)
  }

  /** Whether a host's frames run it. */
  get running(): boolean {
    return this.#loop?.running ?? false
  }

  /** Runs with the frames of `host` from now on, instead of another's: a headset's, for example. */
  drive(host: FrameHost): FrameLoop {
    const { onFrame } = this.#options
    this.#loop = driveFrames(this.controller, host, onFrame === undefined ? {} : { onFrame })
    return this.#loop
  }

  /** Ends the frames; what waits stays, for another host. */
  stop(): void {
    this.#loop?.stop()
  }

  /**
   * Takes no more jobs, ends the recurring systems, and resolves when what was submitted is over: in the frames of its host, or, where none
   * runs, in frames of its own. Then it stops, and the tracker has a last snapshot. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { tracker, monitor } = this.#options
    const closed = this.controller.close()
    if (!this.running) this.drive(timerFrames({ fps: CLOSING_FPS }))
    await closed
    this.stop()
    for (const onlooker of this.#onlookers) onlooker.unsubscribe()
    tracker?.track(performanceSnapshot(this.controller, monitor?.labels))
  }
}

function registerAll(controller: BatchController<string>, systems: NamedSystems<string>): Record<string, unknown> {
  const named = Object.entries(checkObject('BatchProcessingPlugin', 'systems', systems)).map(([key, system]) => {
    const { name = key, run } = checkObject('BatchProcessingPlugin', `systems.${key}`, system)
    return [key, controller.register({ ...system, name, run } as BatchSystem<never, unknown, string>)] as const
  })
  return Object.fromEntries(named)
}
