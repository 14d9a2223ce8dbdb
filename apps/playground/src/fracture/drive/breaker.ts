import { CutoutBatchProcessor, type FractureResult } from '@millrace/fracture'
import { type PixiFragment, pixiAdapter } from '@millrace/fracture/pixi'
import type { HostFrame } from '@millrace/kernel/frames/frame-host'
import { seededRandom } from '@millrace/kernel/seeded-random'
import { paramsFor } from '../patterns.ts'
import type { Sparks } from '../scene/sparks.ts'
import type { Settings } from '../settings.ts'
import type { At, Hall } from '../world/hall.ts'
import { KINDS, SUBSTANCES } from '../world/kinds.ts'
import { takeSpeed } from '../world/plane.ts'
import { localOf, type Thing } from '../world/thing.ts'
import type { BrokenThing } from './systems.ts'

/** A wish to break something. */
export interface Blow {
  readonly thing: Thing
  /** Where it was hit, in the hall; from its middle, if nowhere. */
  readonly at?: At | undefined
  /** The way of a blade, in the hall. */
  readonly slice?: readonly At[] | undefined
  /** How fast pieces fly, in the hall's unit a second. */
  readonly speed: number
}

export interface BreakerOptions {
  readonly hall: Hall
  readonly sparks: Sparks
  readonly settings: Settings
  /** Hears of what has come apart, in the frame in which it does. */
  readonly onBroken: (broken: BrokenThing) => void
  /** Hears of what could not be broken. */
  readonly onFailed: (error: unknown) => void
}

/** Breaks things: hands their outlines over, and puts the pieces in their place when the results come. */
export class Breaker {
  fractures = 0
  readonly #options: BreakerOptions
  readonly #blows = new Map<number, Blow>()
  #processor: CutoutBatchProcessor
  #settings: Settings
  #struck = 0
  #hall: Hall
  /** By plane. */
  #adapters: readonly ReturnType<typeof pixiAdapter>[] = []
  /** What comes apart just now. */
  #current: Blow | undefined

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#settings = options.settings
    this.#hall = options.hall
    this.#processor = this.#createProcessor()
    this.enter(options.hall)
  }

  get inFlight(): number {
    return this.#blows.size
  }

  /** The processor's own figures, and what it has learned. */
  get processor(): Pick<CutoutBatchProcessor, 'stats' | 'learned'> {
    return this.#processor
  }

  /** Breaks things of another hall from now on. */
  enter(hall: Hall): void {
    this.#hall = hall
    for (const jobId of this.#blows.keys()) this.#processor.cancelJob(jobId)
    this.#blows.clear()
    this.#adapters = hall.planes.map(({ stand }) =>
      pixiAdapter({ layer: stand, onFragments: (_view, views, result) => this.#comeApart(views, result) }),
    )
  }

  /** From now on cuts as `settings` say; what is under way is handed over anew. */
  apply(settings: Settings): void {
    const { cut, memory } = this.#settings
    this.#settings = settings
    if (settings.cut === cut && settings.memory === memory) return
    void this.#processor.close({ withinMs: 0 })
    this.#processor = this.#createProcessor()
    const blows = [...this.#blows.values()]
    this.#blows.clear()
    for (const blow of blows) this.#submit(blow)
  }

  /** Hands over what is to be broken. */
  strike(blow: Blow): void {
    const { thing } = blow
    if (thing.isBreaking || thing.isGone) return
    thing.isBreaking = true
    this.#submit(blow)
  }

  /** Takes in results, within what the frame has for them. */
  runFrame(frame: HostFrame): void {
    this.#processor.process(frame)
  }

  /** Gives up what is under way. */
  close(): Promise<void> {
    return this.#processor.close({ withinMs: 0 })
  }

  #createProcessor(): CutoutBatchProcessor {
    const { cut, memory } = this.#settings
    const processor = new CutoutBatchProcessor({
      frames: 'manual',
      ...(cut === 'workers' && {
        worker: () => new Worker(new URL('../fracture-worker.ts', import.meta.url), { type: 'module' }),
        sharedMemory: memory === 'shared',
      }),
    })
    processor.jobCompleted.subscribe(({ jobId, result }) => {
      if (processor === this.#processor) this.#deliver(jobId, result)
    })
    processor.jobFailed.subscribe(({ jobId, error }) => {
      if (processor === this.#processor) this.#giveUp(jobId, error)
    })
    // So that workers have loaded all they need before the first blow. What goes wrong here would at that blow, too.
    const { shape } = KINDS.brick
    processor.prefracture(shape, paramsFor(shape, { pattern: 'impact', pieces: 10, seed: 0 })).catch(() => {})
    return processor
  }

  #submit(blow: Blow): void {
    const { thing, at, slice } = blow
    const { pattern, pieces, seed, vary } = this.#settings
    const params = paramsFor(thing, {
      pattern,
      pieces: thing.isPiece ? Math.min(6, pieces) : pieces,
      seed: vary === 'on' ? seed + this.#struck++ : seed,
      at: at && localOf(thing, at),
      slice: slice?.map((point) => localOf(thing, point)),
    })
    const { outer, holes } = thing
    this.#blows.set(this.#processor.submitFracture({ outer, holes }, params), blow)
  }

  #deliver(jobId: number, result: FractureResult): void {
    const blow = this.#blows.get(jobId)
    this.#blows.delete(jobId)
    if (blow === undefined || blow.thing.isGone) return
    this.fractures++
    this.#current = blow
    this.#adapters[blow.thing.plane]!.apply(blow.thing.view, result)
  }

  #giveUp(jobId: number, error: unknown): void {
    const blow = this.#blows.get(jobId)
    this.#blows.delete(jobId)
    if (blow === undefined) return
    blow.thing.isBreaking = false
    this.#options.onFailed(error)
  }

  #comeApart(views: readonly PixiFragment[], { fragments }: FractureResult): void {
    const { sparks, onBroken } = this.#options
    const { thing, at = thing.view.position, speed } = this.#current!
    const random = seededRandom(this.fractures)
    takeSpeed(thing)
    const pieces = views.map((view, index) => {
      const fragment = fragments[index]!
      const piece = this.#hall.addPiece(thing, fragment, view, at, speed, random)
      return { piece, fragment, area: fragment.area }
    })
    const { dust, spark } = SUBSTANCES[thing.kind.material]
    const { x, y } = at
    sparks.emit(x, y, dust, 2, 40 + speed * 0.2, true)
    sparks.emit(x, y, spark, 3, speed * 1.4, false)
    this.#hall.remove(thing)
    onBroken({ hall: this.#hall, thing, pieces: pieces.sort((a, b) => b.area - a.area) })
  }
}
