import { element } from '../../shell/element.ts'
import type { Driver } from '../drive/driver.ts'
import type { FrameLog } from '../drive/frame-log.ts'
import type { Workload } from '../drive/workload.ts'
import { LANES } from '../lanes.ts'

/** Writes figures on the page, a few times a second. */
export class Numbers {
  readonly #rows = LANES.map(({ type, colour }) => {
    const row = element('lanes', HTMLTableSectionElement).insertRow()
    row.dataset.lane = type
    const swatch = document.createElement('span')
    swatch.className = 'swatch'
    swatch.style.background = colour
    row.insertCell().append(swatch, type)
    return { visits: row.insertCell(), stalest: row.insertCell(), waiting: row.insertCell(), seen: 0 }
  })
  #writtenAt = 0

  /** Writes what is the case at `nowMs`. Does nothing when it has just done so. */
  write(nowMs: number, log: FrameLog, driver: Driver, workload: Workload): void {
    const seconds = (nowMs - this.#writtenAt) / 1000
    if (seconds < 0.4) return
    this.#writtenAt = nowMs
    const { frames, framesOver, worstOverMs, usedMs, allowedMs, longestDeltaMs } = log
    set('rate', log.rate.toFixed(0))
    set('longest', `longest ${longestDeltaMs.toFixed(0)} ms`)
    set('used', `${frames === 0 ? '–' : (usedMs / frames).toFixed(2)} ms`)
    set('share', `${Math.round((100 * usedMs) / allowedMs)} % of budget`)
    set('over', framesOver.toLocaleString('en'))
    const by = framesOver === 0 ? '' : `, ≤ ${worstOverMs.toFixed(worstOverMs < 10 ? 1 : 0)} ms`
    set('worst', `of ${frames.toLocaleString('en')}${by}`)
    element('over-tile', HTMLElement).classList.toggle('bad', framesOver > frames / 100)

    const { submitted, done } = workload.books
    set('jobs', `${submitted.toLocaleString('en')} submitted, ${done.toLocaleString('en')} done`)
    this.#rows.forEach((row, lane) => {
      const { visits } = workload.systems[lane]!
      const { size, seconds: stalest } = visits.stalest()
      // A new workload counts from 0.
      const visited = visits.count - (visits.count < row.seen ? 0 : row.seen)
      row.seen = visits.count
      row.visits.textContent =
        size === 0 ? '–' : `${(visited / size / seconds).toFixed(1)} × ${size.toLocaleString('en')}`
      row.stalest.textContent = stalest < 1 ? `${Math.round(stalest * 1000)} ms` : `${stalest.toFixed(1)} s`
      row.waiting.textContent = driver.queueDepth(lane).toLocaleString('en')
    })
  }
}

function set(id: string, text: string): void {
  element(id, HTMLElement).textContent = text
}
