import { element } from '../../shell/element.ts'
import type { Breaker } from '../drive/breaker.ts'
import type { FrameLog } from '../drive/frame-log.ts'
import { FRACTURE_COLOUR, LANES } from '../drive/lanes.ts'
import { LONG_MS } from '../drive/slices.ts'
import type { HallSystems } from '../drive/systems.ts'
import type { Hall } from '../world/hall.ts'

/** Writes figures on the page, a few times a second. */
export class Numbers {
  readonly #rows = [
    { name: 'fracture', colour: FRACTURE_COLOUR, tells: 'handing polygons over, taking results in' },
    ...LANES,
  ].map(({ name, colour, tells }) => {
    const row = element('lanes', HTMLTableSectionElement).insertRow()
    row.dataset.lane = name
    const swatch = document.createElement('span')
    swatch.className = 'swatch'
    swatch.style.background = colour
    row.title = tells
    row.insertCell().append(swatch, name)
    return { mean: row.insertCell(), worst: row.insertCell(), waiting: row.insertCell() }
  })
  #writtenAt = 0
  #fractures = 0

  /** Writes what is the case at `nowMs`. Does nothing when it has just done so. */
  write(nowMs: number, log: FrameLog, systems: HallSystems, breaker: Breaker, hall: Hall): void {
    const seconds = (nowMs - this.#writtenAt) / 1000
    if (seconds < 0.3) return
    this.#writtenAt = nowMs
    const frames = [...log.latest()]
    set('rate', log.rate.toFixed(0))
    set('drawing', `drawing ${mean(frames.map(({ renderMs }) => renderMs)).toFixed(1)} ms`)
    this.#writeSlices(log)
    set('speed', Math.max(0, (breaker.fractures - this.#fractures) / seconds).toFixed(0))
    set('fractures', `${breaker.fractures.toLocaleString('en')} so far`)
    this.#fractures = breaker.fractures
    set('pieces', hall.pieces.size.toLocaleString('en'))
    set('whole', `${hall.whole.size.toLocaleString('en')} whole`)
    set('flight', breaker.inFlight.toLocaleString('en'))
    const { stats } = breaker.processor
    set('workers', `${stats.running} being cut`)
    set('hits', (stats.cache.hits + stats.cache.coalesced).toLocaleString('en'))
    set('cache', `${(stats.cache.bytes / 2 ** 20).toFixed(1)} MiB kept`)
    const rows = [
      frames.map(({ fractureMs }) => fractureMs),
      ...LANES.map((_, lane) => frames.map(({ laneMs }) => laneMs[lane]!)),
    ]
    rows.forEach((all, index) => {
      const row = this.#rows[index]!
      row.mean.textContent = mean(all).toFixed(2)
      row.worst.textContent = Math.max(0, ...all).toFixed(2)
      row.waiting.textContent = (index === 0 ? breaker.inFlight : systems.waiting(index - 1)).toLocaleString('en')
    })
  }

  /** The longest; and for those who look closer, and for programs, what all were. */
  #writeSlices({ slices }: FrameLog): void {
    const { fracture, systems, drawing } = slices
    const { count, long, p50, p99, max } = fracture.figures
    set('slice', `${max.toFixed(max < 10 ? 2 : 1)} ms`)
    set('frames', `${long.toLocaleString('en')} of ${count.toLocaleString('en')} > ${LONG_MS} ms`)
    const tile = element('slice-tile', HTMLElement)
    tile.title =
      'What handing polygons over and taking pieces in took of the main thread, in frames that broke something: ' +
      `half of them up to ${p50.toFixed(2)} ms, 99 of 100 up to ${p99.toFixed(2)} ms`
    tile.dataset.slices = JSON.stringify({
      fracture: fracture.figures,
      systems: systems.figures,
      drawing: drawing.figures,
    })
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

function set(id: string, text: string): void {
  element(id, HTMLElement).textContent = text
}
