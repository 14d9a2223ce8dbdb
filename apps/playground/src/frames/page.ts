import { element } from '../shell/element.ts'
import { Budgeted } from './drive/budgeted.ts'
import type { Driver } from './drive/driver.ts'
import { FrameLog } from './drive/frame-log.ts'
import { Unbudgeted } from './drive/unbudgeted.ts'
import { createWorkload, type JobName, type Workload } from './drive/workload.ts'
import { Recorder } from './recorder.ts'
import { createSea, type Sea } from './sea/sea.ts'
import type { Settings } from './settings.ts'
import { nearby, type Splash } from './systems/startle.ts'
import { Numbers } from './view/numbers.ts'
import { BudgetPlot, QueuePlot } from './view/plots.ts'
import { SeaScene } from './view/scene.ts'

/** The page at work: a sea, what drives its systems, and what is shown of it. */
export class FramesPage {
  readonly #log = new FrameLog()
  readonly #numbers = new Numbers()
  readonly #budgetPlot = new BudgetPlot(element('budget-plot', HTMLCanvasElement))
  readonly #queuePlot = new QueuePlot(element('queue-plot', HTMLCanvasElement))
  readonly #recorder = new Recorder(() => this.#driver)
  readonly #splash: Splash = { x: 0, y: 0, z: 0 }
  readonly #say: (sentence: string) => void
  #settings: Settings
  #sea: Sea
  #scene: SeaScene
  #workload: Workload
  #driver: Driver
  #lastMs = Number.NaN

  /** `say` shows a sentence. */
  constructor(settings: Settings, say: (sentence: string) => void) {
    this.#say = say
    this.#settings = settings
    this.#sea = createSea(settings.entities)
    this.#scene = this.#showSea()
    this.#scene.setDrawn(settings.render === 'on')
    this.#workload = createWorkload(this.#sea, this.#splash)
    this.#driver = this.#createDriver()
    // No frame is as long as a tab is hidden.
    document.addEventListener('visibilitychange', () => {
      this.#lastMs = Number.NaN
    })
    element('recount', HTMLButtonElement).addEventListener('click', () => this.#log.reset())
    element('replan', HTMLButtonElement).addEventListener('click', () => this.#loseAll())
    element('splash', HTMLButtonElement).addEventListener('click', () =>
      this.#throwIn({ x: 0, y: 0, z: this.#sea.radius / 2 }),
    )
  }

  /** Changes as little as the new settings ask for, and counts anew. */
  apply(settings: Settings): void {
    const before = this.#settings
    this.#settings = settings
    if (settings.entities !== before.entities) {
      this.#scene.close()
      this.#sea = createSea(settings.entities)
      this.#scene = this.#showSea()
      this.#workload = createWorkload(this.#sea, this.#splash)
    }
    this.#scene.setDrawn(settings.render === 'on')
    const isSame = (['entities', 'policy', 'millrace'] as const).every((key) => settings[key] === before[key])
    if (isSame && settings.budgetMs === before.budgetMs) return
    if (isSame) this.#driver.budgetMs = settings.budgetMs
    else this.#driver = this.#createDriver()
    this.#log.reset()
  }

  /** One frame, at `nowMs` by the clock of `requestAnimationFrame`. */
  frame(nowMs: number): void {
    const deltaMs = Number.isNaN(this.#lastMs) ? 0 : nowMs - this.#lastMs
    this.#lastMs = nowMs
    // However long a frame took, no fish leaps.
    const seconds = Math.min(deltaMs, 250) / 1000
    this.#sea.seconds += seconds
    this.#scene.look(seconds)
    this.#log.run(this.#driver, deltaMs)
    this.#scene.draw()
    this.#recorder.afterFrame(this.#log)
    this.#budgetPlot.draw(this.#log)
    this.#queuePlot.draw(this.#log)
    this.#numbers.write(nowMs, this.#log, this.#driver, this.#workload)
  }

  #showSea(): SeaScene {
    // A canvas has one WebGL context for life: the next sea takes a new one.
    const before = element('sea', HTMLCanvasElement)
    const canvas = before.cloneNode()
    if (!(canvas instanceof HTMLCanvasElement)) throw new Error('A canvas has no clone.')
    before.replaceWith(canvas)
    return new SeaScene(canvas, this.#sea, (at) => this.#throwIn(at))
  }

  #createDriver(): Driver {
    const { millrace, budgetMs, policy, entities } = this.#settings
    this.#recorder.cancel()
    // What waited with the driver before is not done.
    const { asked } = this.#sea.components.Course
    asked.fill(0)
    const driver =
      millrace === 'on'
        ? new Budgeted(this.#workload, {
            budgetMs,
            policy,
            maxQueuedJobs: 2 * entities + 64,
            onSuspended: (system, error) => this.#say(`The system ${system} was suspended: ${error}.`),
          })
        : new Unbudgeted(this.#workload, budgetMs)
    const { books } = this.#workload
    books.submitted = books.done
    this.#sea.onLost = (fish) => {
      if (this.#submit('planCourse', fish)) asked[fish] = 1
    }
    return driver
  }

  #throwIn(at: Splash): void {
    Object.assign(this.#splash, at)
    for (const fish of nearby(this.#sea, at)) if (!this.#submit('startle', fish)) return
  }

  #submit(job: JobName, fish: number): boolean {
    const isTaken = this.#driver.submit(job, fish)
    if (isTaken) this.#workload.books.submitted++
    return isTaken
  }

  #loseAll(): void {
    const { asked } = this.#sea.components.Course
    for (let fish = 1; fish <= this.#sea.count; fish++) if (asked[fish] === 0) this.#sea.onLost(fish)
  }
}
