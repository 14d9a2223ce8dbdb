import { chromeTrace } from '@millrace/kernel/observe/chrome-trace'
import { element } from '../shell/element.ts'
import type { Driver } from './drive/driver.ts'
import type { FrameLog } from './drive/frame-log.ts'
import { readSpans } from './view/spans.ts'
import { Timeline } from './view/timeline.ts'

const RECORD_MS = 2000

/** Records a trace when told to, shows it, and offers it as a file. */
export class Recorder {
  readonly #button = element('record', HTMLButtonElement)
  readonly #section = element('recording', HTMLElement)
  readonly #download = element('download', HTMLAnchorElement)
  readonly #timeline = new Timeline(element('timeline', HTMLCanvasElement), element('tip', HTMLElement))
  #driver: Driver | undefined
  #startedMs = 0

  /** `driver` gives whichever drives just then. */
  constructor(driver: () => Driver) {
    this.#button.addEventListener('click', () => {
      this.#driver = driver()
      this.#driver.trace.clear()
      this.#startedMs = performance.now()
      this.#button.disabled = true
      this.#button.textContent = 'Recording…'
    })
    element('close-recording', HTMLButtonElement).addEventListener('click', () => {
      this.#section.hidden = true
    })
  }

  /** To be called after every frame. */
  afterFrame(log: FrameLog): void {
    if (this.#driver === undefined || performance.now() - this.#startedMs < RECORD_MS) return
    const { trace } = this.#driver
    const json = chromeTrace(trace, { processName: 'Millrace frames' })
    const spans = readSpans(json)
    const frames = [...log.latest()].filter(({ startMs }) => startMs >= this.#startedMs).reverse()
    this.#driver = undefined
    this.#button.disabled = false
    this.#button.textContent = 'Record'
    this.#section.hidden = false
    this.#timeline.show(
      spans,
      frames.map(({ startMs, usedMs, budgetMs }) => ({ startMs, usedMs, budgetMs })),
    )
    this.#section.scrollIntoView({ block: 'nearest', behavior: 'smooth' })
    const lost = trace.dropped === 0 ? '' : `, the last of ${(trace.dropped + trace.size).toLocaleString('en')}`
    element('recorded', HTMLElement).textContent =
      `${frames.length} frames, ${spans.spans.length.toLocaleString('en')} spans${lost} · wheel to zoom, drag to move`
    URL.revokeObjectURL(this.#download.href)
    this.#download.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  }

  /** Gives up what was being recorded: its driver is no more. */
  cancel(): void {
    if (this.#driver === undefined) return
    this.#driver = undefined
    this.#button.disabled = false
    this.#button.textContent = 'Record'
  }
}
