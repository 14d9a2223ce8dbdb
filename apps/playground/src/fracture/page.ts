import { element } from '../shell/element.ts'
import { type Blow, Breaker } from './drive/breaker.ts'
import { FrameLog } from './drive/frame-log.ts'
import { rehearse } from './drive/rehearse.ts'
import { HallSystems } from './drive/systems.ts'
import { paintAtlas } from './scene/atlas.ts'
import { Light } from './scene/light.ts'
import type { Stage } from './scene/stage.ts'
import type { Settings } from './settings.ts'
import { Hand } from './view/hand.ts'
import { Numbers } from './view/numbers.ts'
import { FramePlot } from './view/plots.ts'
import { type At, Hall } from './world/hall.ts'
import type { Thing } from './world/thing.ts'

/** Slow motion, as a share of how time passes. */
const SLOWLY = 0.18

/** Most time of a frame for handing over what is to be broken. */
const MOST_STRIKING_MS = 1

/** The page at work: a hall, what breaks and moves what is in it, and what is shown of that. */
export class FracturePage {
  readonly log = new FrameLog()
  readonly #stage: Stage
  readonly #pictures = paintAtlas()
  readonly #light = new Light()
  readonly #plot = new FramePlot(element('frame-plot', HTMLCanvasElement))
  readonly #numbers = new Numbers()
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #systems: HallSystems
  readonly #breaker: Breaker
  readonly #pace = new Pace()
  readonly #blows: Blow[] = []
  #settings: Settings
  #hall: Hall
  #lastMs = Number.NaN
  #resizing = 0
  isSlow = false
  isPaused = false

  constructor(stage: Stage, settings: Settings, onFault: (fault: unknown) => void) {
    this.#stage = stage
    this.#settings = settings
    stage.isDrawn = settings.render === 'on'
    this.#hall = this.#build()
    this.#systems = new HallSystems(this.#hall, stage.sparks, settings.budgetMs, onFault)
    this.#breaker = new Breaker({
      hall: this.#hall,
      sparks: stage.sparks,
      settings,
      onBroken: (broken) => this.#systems.broke(broken),
      onFailed: onFault,
    })
    new Hand(element('hall', HTMLCanvasElement), {
      lean: (x, y) => Object.assign(stage.leanTo, { x, y }),
      isBlade: () => this.#settings.pattern === 'manual-slices',
      hit: (x, y) => this.hit(x, y),
      trail: (way) => stage.trail(way.map(({ x, y }) => stage.pointAt(x, y))),
      slice: (way) => this.#slice(way.map(({ x, y }) => stage.pointAt(x, y))),
    })
    new ResizeObserver(() => {
      stage.fit()
      clearTimeout(this.#resizing)
      this.#resizing = setTimeout(() => this.#refit(), 250)
    }).observe(element('hall', HTMLCanvasElement))
    document.addEventListener('visibilitychange', () => {
      // No frame is as long as a tab is hidden.
      this.#lastMs = Number.NaN
    })
  }

  /** To be called once: without, all works, and the first blow is slower. */
  prepare(): Promise<void> {
    return rehearse(this.#pictures, this.#settings)
  }

  /** Changes as little as the new settings ask for. */
  apply(settings: Settings): void {
    const before = this.#settings
    this.#settings = settings
    this.#stage.isDrawn = settings.render === 'on'
    this.#systems.budgetMs = settings.budgetMs
    this.#breaker.apply(settings)
    if (settings.objects !== before.objects) this.reset()
  }

  /** Puts up everything again. */
  reset(): void {
    this.#hall = this.#build()
    this.#systems.hall = this.#hall
    this.#breaker.enter(this.#hall)
    this.#blows.length = 0
  }

  /** Breaks all that is whole, in the next frame; or, where nothing is, what pieces are large enough. */
  breakEverything(): void {
    this.#learned()
    const whole = [...this.#hall.whole].filter(({ isBreaking }) => !isBreaking)
    const things =
      whole.length > 0 ? whole : [...this.#hall.pieces].filter(({ radius, body }) => body !== undefined && radius > 14)
    const middle = { x: this.#hall.width / 2, y: 600 }
    const away = ({ view: { x, y } }: Thing) => Math.hypot(x - middle.x, y - middle.y)
    // It spreads from the middle.
    for (const thing of things.sort((a, b) => away(a) - away(b))) this.#blows.push({ thing, speed: 320 })
    this.#stage.blow(middle, 0.8)
  }

  /** One frame, at `nowMs` by the clock of `requestAnimationFrame`. */
  frame(nowMs: number): void {
    const deltaMs = Number.isNaN(this.#lastMs) ? 0 : nowMs - this.#lastMs
    this.#lastMs = nowMs
    const passed = Math.min(deltaMs, 50) / 1000
    const seconds = this.isPaused ? 0 : passed * (this.isSlow ? SLOWLY : 1)
    const otherMs = this.log.otherMs
    this.log.begin(deltaMs, this.#blows.length > 0 || this.#breaker.inFlight > 0)
    this.log.fracture(() => {
      this.#strike()
      this.#breaker.runFrame({ deltaMs, otherMs })
    })
    this.log.systems(this.#systems.trace, () => this.#systems.runFrame(deltaMs, seconds))
    this.log.render(() => this.#stage.draw(nowMs / 1000, passed, this.#calm.matches))
    if (this.#settings.detail === 'auto' && this.#settings.render === 'on' && this.#pace.isSlow(deltaMs))
      this.#stage.coarsen()
    this.#plot.draw(this.log)
    this.#numbers.write(nowMs, this.log, this.#systems, this.#breaker, this.#hall)
  }

  /** Hands over what was hit; of very much, what is left in the frames to come. */
  #strike(): void {
    const startMs = performance.now()
    let struck = 0
    for (const blow of this.#blows) {
      this.#breaker.strike(blow)
      if (++struck % 4 === 0 && performance.now() - startMs > MOST_STRIKING_MS) break
    }
    this.#blows.splice(0, struck)
  }

  #build(): Hall {
    const { objects, seed } = this.#settings
    const hall = new Hall(this.#pictures, this.#light, { count: objects, width: this.#stage.widthNeeded, seed })
    this.#stage.show(hall, this.#light)
    return hall
  }

  /** Hits what is at a point of the canvas, if anything. */
  hit(x: number, y: number): void {
    const at = this.#stage.pointAt(x, y)
    const thing = this.#hall.thingAt(at)
    if (thing === undefined || thing.isBreaking) return
    this.#learned()
    const plane = this.#hall.planes[thing.plane]!
    const point = { x: at.x - plane.view.x, y: at.y }
    this.#blows.push({ thing, at: point, speed: 420 })
    this.#stage.blow(at, 0.12)
    plane.push(point.x, point.y, 110, 160)
  }

  /** A hall in which nothing is broken is built anew when the window has another shape. */
  #refit(): void {
    const isUntouched = this.#hall.pieces.size === 0 && this.#hall.whole.size === this.#settings.objects
    if (isUntouched && Math.abs(this.#stage.widthNeeded - this.#hall.width) > 30) this.reset()
  }

  /** Who has broken something needs not be told how. */
  #learned(): void {
    element('first', HTMLElement).classList.add('gone')
  }

  #slice(way: readonly At[]): void {
    this.#learned()
    for (const thing of this.#hall.thingsAcross(way)) this.#blows.push({ thing, slice: way, speed: 150 })
  }
}

/** Watches how quickly frames follow one another. */
class Pace {
  #frames = 0
  #ms = 0

  /** Whether the last half second or so was slow. What is asked next is counted anew. */
  isSlow(deltaMs: number): boolean {
    this.#frames++
    this.#ms += deltaMs
    if (this.#ms < 600) return false
    const isSlow = this.#ms / this.#frames > 30
    this.#frames = 0
    this.#ms = 0
    return isSlow
  }
}
