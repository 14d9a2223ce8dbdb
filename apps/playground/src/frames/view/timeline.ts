import { begin } from '../../shell/canvas.ts'
import { TOLERANCE_MS } from '../drive/frame-log.ts'
import { LANES, OTHER_COLOUR, OVER_COLOUR } from '../lanes.ts'
import type { Span, Spans } from './spans.ts'

/** A frame that was recorded with the spans. */
export interface RecordedFrame {
  readonly startMs: number
  readonly usedMs: number
  readonly budgetMs: number
}

const NAMES_WIDTH = 76
const AXIS_HEIGHT = 22
/** Left between two frames, in ms. */
const GAP_MS = 0.4
const LEAST_MS = 0.3
const FRAMES_AT_FIRST = 4
const INK = '#c9d6df'
const FAINT = '#1b2832'

/**
 * Draws recorded spans, a row a lane, with the frames that they ran in, frame beside frame: the time between them is left out.
 * Drag to move, wheel or pinch to zoom.
 */
export class Timeline {
  readonly #canvas: HTMLCanvasElement
  readonly #tip: HTMLElement
  /** Both as they are drawn, with 0 at the first frame's beginning. */
  #spans: Spans = { rows: [], spans: [] }
  #frames: readonly (RecordedFrame & { readonly at: number })[] = []
  /** What is in view, and how much there is, in ms. */
  #from = 0
  #width = 1
  #all = 1

  constructor(canvas: HTMLCanvasElement, tip: HTMLElement) {
    this.#canvas = canvas
    this.#tip = tip
    this.#listen()
    new ResizeObserver(() => this.draw()).observe(canvas)
  }

  /** Shows a recording: at first, a few frames that are like most. */
  show({ rows, spans }: Spans, frames: readonly RecordedFrame[]): void {
    let at = 0
    this.#frames = frames.map((frame) => {
      const placed = { ...frame, at }
      at += Math.max(frame.usedMs, frame.budgetMs) + GAP_MS
      return placed
    })
    this.#all = Math.max(at, LEAST_MS)
    const rowsIn = frames.map(() => new Set<number>())
    let index = 0
    const moved = spans.flatMap((span) => {
      while (index + 1 < frames.length && frames[index + 1]!.startMs <= span.start) index++
      const frame = this.#frames[index]
      if (frame === undefined || span.start < frame.startMs) return []
      rowsIn[index]?.add(span.row)
      return [{ ...span, start: span.start - frame.startMs + frame.at }]
    })
    this.#spans = { rows, spans: moved }
    const typical = typicalIn(frames, rowsIn)
    const first = this.#frames[typical]?.at ?? 0
    const after = this.#frames[typical + FRAMES_AT_FIRST]?.at ?? this.#all
    this.#move(first - GAP_MS, after - first + GAP_MS)
  }

  draw(): void {
    const { context, width, height } = begin(this.#canvas)
    const { rows, spans } = this.#spans
    const rowHeight = (height - AXIS_HEIGHT) / Math.max(1, rows.length)
    const perMs = (width - NAMES_WIDTH) / this.#width
    const xOf = (ms: number) => NAMES_WIDTH + (ms - this.#from) * perMs

    for (const { at, usedMs, budgetMs } of this.#frames) {
      const [x, end] = [xOf(at), xOf(at + budgetMs)]
      if (xOf(at + Math.max(budgetMs, usedMs)) < NAMES_WIDTH || x > width) continue
      context.fillStyle = 'rgb(120 190 220 / 0.09)'
      context.fillRect(x, AXIS_HEIGHT, end - x, height - AXIS_HEIGHT)
      context.fillStyle = usedMs > budgetMs + TOLERANCE_MS ? OVER_COLOUR : '#4f6b7c'
      context.fillRect(x, AXIS_HEIGHT - 4, Math.max(1, usedMs * perMs), 3)
      context.fillRect(end, AXIS_HEIGHT, 1, height - AXIS_HEIGHT)
    }
    rows.forEach((_, row) => {
      context.fillStyle = FAINT
      context.fillRect(0, AXIS_HEIGHT + (row + 1) * rowHeight - 1, width, 1)
    })
    for (const span of spans) {
      const x = xOf(span.start)
      const wide = Math.max(1, span.duration * perMs)
      if (x + wide < NAMES_WIDTH || x > width) continue
      const y = AXIS_HEIGHT + span.row * rowHeight + 4
      context.fillStyle = LANES[span.row]?.colour ?? OTHER_COLOUR
      context.fillRect(x, y, wide > 2 ? wide - 0.6 : wide, rowHeight - 9)
      if (wide > 40) this.#write(context, span, x, y + (rowHeight - 9) / 2, wide)
    }
    this.#drawAxis(context, width, perMs, xOf)
    this.#drawNames(context, rowHeight, height)
  }

  #write(context: CanvasRenderingContext2D, { name, count }: Span, x: number, y: number, wide: number): void {
    context.save()
    context.beginPath()
    context.rect(x, y - 10, wide - 4, 20)
    context.clip()
    context.fillStyle = '#0b141b'
    context.fillText(count > 1 ? `${name} ×${count}` : name, Math.max(x, NAMES_WIDTH) + 5, y)
    context.restore()
  }

  #drawNames(context: CanvasRenderingContext2D, rowHeight: number, height: number): void {
    context.fillStyle = '#0d1820'
    context.fillRect(0, 0, NAMES_WIDTH, height)
    this.#spans.rows.forEach((name, row) => {
      context.fillStyle = LANES[row]?.colour ?? INK
      context.fillText(name, 4, AXIS_HEIGHT + (row + 0.5) * rowHeight)
    })
  }

  #drawAxis(context: CanvasRenderingContext2D, width: number, perMs: number, xOf: (ms: number) => number): void {
    const first = this.#frames[0]?.startMs ?? 0
    let free = NAMES_WIDTH
    context.fillStyle = '#8296a3'
    for (const { at, startMs, usedMs } of this.#frames) {
      const x = xOf(at)
      if (x < free || x > width) continue
      const when = `${(startMs - first).toFixed(0)} ms`
      const text = perMs > 45 ? `${when} · took ${usedMs.toFixed(2)}` : when
      context.fillText(text, x, 8)
      free = x + context.measureText(text).width + 14
    }
  }

  #move(from: number, width: number): void {
    this.#width = Math.min(Math.max(width, LEAST_MS), this.#all + GAP_MS)
    this.#from = Math.min(Math.max(from, -GAP_MS), Math.max(-GAP_MS, this.#all - this.#width))
    this.draw()
  }

  #zoom(by: number, x: number): void {
    const part = Math.max(0, x - NAMES_WIDTH) / Math.max(1, this.#canvas.clientWidth - NAMES_WIDTH)
    const width = Math.max(this.#width * by, LEAST_MS)
    this.#move(this.#from + (this.#width - width) * part, width)
  }

  #listen(): void {
    const canvas = this.#canvas
    const pointers = new Map<number, number>()
    const apart = () => Math.abs([...pointers.values()].reduce((a, b) => a - b))
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault()
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.#move(this.#from + (event.deltaX * this.#width) / canvas.clientWidth, this.#width)
      } else this.#zoom(1.0015 ** event.deltaY, event.offsetX)
    })
    canvas.addEventListener('pointerdown', ({ pointerId, offsetX }) => {
      canvas.setPointerCapture(pointerId)
      pointers.set(pointerId, offsetX)
    })
    canvas.addEventListener('pointermove', ({ pointerId, offsetX, offsetY }) => {
      const before = pointers.get(pointerId)
      if (before === undefined) return this.#hint(offsetX, offsetY)
      const spread = pointers.size > 1 ? apart() : 0
      pointers.set(pointerId, offsetX)
      if (pointers.size > 1) this.#zoom(spread / Math.max(1, apart()), offsetX)
      else {
        const perMs = (canvas.clientWidth - NAMES_WIDTH) / this.#width
        this.#move(this.#from - (offsetX - before) / perMs, this.#width)
      }
    })
    for (const end of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(end, ({ pointerId }) => pointers.delete(pointerId))
    }
    canvas.addEventListener('pointerleave', () => {
      this.#tip.hidden = true
    })
  }

  /** Tells of the span under the pointer. */
  #hint(x: number, y: number): void {
    const { rows, spans } = this.#spans
    const rowHeight = (this.#canvas.clientHeight - AXIS_HEIGHT) / Math.max(1, rows.length)
    const msPerPixel = this.#width / Math.max(1, this.#canvas.clientWidth - NAMES_WIDTH)
    const at = this.#from + (x - NAMES_WIDTH) * msPerPixel
    const row = Math.floor((y - AXIS_HEIGHT) / rowHeight)
    const under = spans.find(
      (span) => span.row === row && span.start - msPerPixel <= at && at <= span.start + span.duration + msPerPixel,
    )
    this.#tip.hidden = under === undefined || x < NAMES_WIDTH
    if (under === undefined) return
    const jobs = under.count > 1 ? ` · ${under.count.toLocaleString('en')} jobs` : ''
    this.#tip.textContent = `${under.name}${jobs} · ${(under.duration * 1000).toFixed(0)} µs`
    const left = Math.min(x + 12, this.#canvas.clientWidth - 190)
    this.#tip.style.translate = `${left}px ${y + 14}px`
  }
}

/** Where frames begin that take about their budget, and have most lanes at work. The middle, where there are none. */
function typicalIn(frames: readonly RecordedFrame[], rowsIn: readonly ReadonlySet<number>[]): number {
  const isTypical = ({ usedMs, budgetMs }: RecordedFrame) =>
    usedMs > budgetMs * 0.7 && usedMs <= budgetMs + TOLERANCE_MS
  let typical = Math.floor(frames.length / 2)
  let most = 0
  for (let index = 0; index + FRAMES_AT_FIRST <= frames.length; index++) {
    if (!frames.slice(index, index + FRAMES_AT_FIRST).every(isTypical)) continue
    const rows = rowsIn.slice(index, index + FRAMES_AT_FIRST).reduce((sum, { size }) => sum + size, 0)
    if (rows > most) [typical, most] = [index, rows]
  }
  return typical
}
