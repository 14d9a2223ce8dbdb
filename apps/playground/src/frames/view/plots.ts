import { begin } from '../../shell/canvas.ts'
import { type FrameLog, KEPT_FRAMES, type LoggedFrame, TOLERANCE_MS } from '../drive/frame-log.ts'
import { LANES, OTHER_COLOUR, OVER_COLOUR } from '../lanes.ts'

const INK = '#c9d6df'
const FAINT = '#22303b'

/** Draws the CPU time of each frame, by lane, against the budget. */
export class BudgetPlot {
  readonly #canvas: HTMLCanvasElement
  readonly #scale = new Scale()

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
  }

  draw(log: FrameLog): void {
    const { context, width, height } = begin(this.#canvas)
    const frames = [...log.latest()]
    const budgetMs = frames[0]?.budgetMs ?? 1
    // The few longest go over the edge, or nothing would be seen of the others.
    const most = frames.map(({ usedMs }) => usedMs).sort((a, b) => b - a)[Math.ceil(frames.length * 0.03)]
    const topMs = this.#scale.towards(Math.max(budgetMs * 1.6, (most ?? 0) * 1.15))
    const perMs = height / topMs
    const step = width / KEPT_FRAMES
    frames.forEach((frame, back) => {
      drawBar(context, frame, width - (back + 1) * step, Math.max(1, step - 0.4), height, perMs)
    })

    const y = height - budgetMs * perMs
    context.strokeStyle = INK
    context.setLineDash([4, 4])
    context.strokeRect(-1, Math.round(y) + 0.5, width + 2, height * 2)
    context.setLineDash([])
    label(context, `budget ${budgetMs} ms`, 4, y - 8 < 8 ? y + 9 : y - 8)
    if (topMs > budgetMs * 3) label(context, `${topMs.toFixed(0)} ms`, 4, 8)
  }
}

/** Draws how many jobs waited at the end of each frame, by lane. */
export class QueuePlot {
  readonly #canvas: HTMLCanvasElement
  readonly #scale = new Scale()

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
  }

  draw(log: FrameLog): void {
    const { context, width, height } = begin(this.#canvas)
    const frames = [...log.latest()]
    const most = Math.max(0, ...frames.map(({ depth }) => Math.max(...depth)))
    const top = this.#scale.towards(Math.max(10, most * 1.15))
    const step = width / KEPT_FRAMES
    context.fillStyle = FAINT
    context.fillRect(0, height - 1, width, 1)
    LANES.forEach(({ colour }, lane) => {
      context.beginPath()
      frames.forEach(({ depth }, back) => {
        context.lineTo(width - (back + 0.5) * step, height - 1.5 - (depth[lane]! / top) * (height - 4))
      })
      context.strokeStyle = colour
      context.lineWidth = 1.5
      context.stroke()
    })
    label(context, `${Math.round(most).toLocaleString('en')} at most`, 4, 8)
  }
}

function drawBar(
  context: CanvasRenderingContext2D,
  { laneMs, usedMs, budgetMs }: LoggedFrame,
  x: number,
  width: number,
  bottom: number,
  perMs: number,
): void {
  let y = bottom
  const stack = (ms: number, colour: string) => {
    context.fillStyle = colour
    context.fillRect(x, y - ms * perMs, width, ms * perMs)
    y -= ms * perMs
  }
  let rest = usedMs
  LANES.forEach(({ colour }, lane) => {
    stack(Math.min(rest, laneMs[lane]!), colour)
    rest = Math.max(0, rest - laneMs[lane]!)
  })
  stack(rest, OTHER_COLOUR)
  if (usedMs <= budgetMs + TOLERANCE_MS) return
  context.fillStyle = OVER_COLOUR
  context.fillRect(x, Math.max(0, y - 3), width, 3)
}

function label(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  context.lineWidth = 3
  context.strokeStyle = '#0d1820'
  context.strokeText(text, x, y)
  context.fillStyle = INK
  context.fillText(text, x, y)
  context.lineWidth = 1
}

/** The top of an axis: it grows at once, and shrinks slowly. */
class Scale {
  #top = 0

  towards(top: number): number {
    this.#top = top > this.#top ? top : this.#top + (top - this.#top) * 0.06
    return this.#top
  }
}
