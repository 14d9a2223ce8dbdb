import { begin } from '../../shell/canvas.ts'
import { type FrameLog, KEPT_FRAMES } from '../drive/frame-log.ts'
import { FRACTURE_COLOUR, LANES, RENDER_COLOUR } from '../drive/lanes.ts'

const INK = '#c9d6df'

/** Draws what each frame took: fractures, the page's systems by lane, and drawing on top of them, faint. */
export class FramePlot {
  readonly #canvas: HTMLCanvasElement
  #topMs = 6

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
  }

  draw(log: FrameLog): void {
    const { context, width, height } = begin(this.#canvas)
    const frames = [...log.latest()]
    const ours = frames.map(({ fractureMs, systemsMs }) => fractureMs + systemsMs).sort((a, b) => b - a)
    // The few longest go over the edge, or nothing would be seen of the others.
    const wanted = Math.min(40, Math.max(6, (ours[Math.ceil(frames.length * 0.03)] ?? 0) * 1.3))
    this.#topMs = wanted > this.#topMs ? wanted : this.#topMs + (wanted - this.#topMs) * 0.05
    const perMs = height / this.#topMs
    const step = width / KEPT_FRAMES
    frames.forEach((frame, back) => {
      const x = width - (back + 1) * step
      let y = height
      const bar = (ms: number, colour: string) => {
        if (ms <= 0) return
        context.fillStyle = colour
        context.fillRect(x, y - ms * perMs, Math.max(1, step - 0.35), ms * perMs)
        y -= ms * perMs
      }
      bar(frame.fractureMs, FRACTURE_COLOUR)
      for (const [lane, { colour }] of LANES.entries()) bar(frame.laneMs[lane]!, colour)
      bar(frame.renderMs, RENDER_COLOUR)
    })
    for (const ms of [4, 16]) {
      const y = Math.round(height - ms * perMs) + 0.5
      if (y < 10 || (ms === 4 && this.#topMs > 24)) continue
      context.strokeStyle = 'rgb(201 214 223 / 0.55)'
      context.setLineDash([4, 4])
      context.beginPath()
      context.moveTo(0, y)
      context.lineTo(width, y)
      context.stroke()
      context.setLineDash([])
      context.lineWidth = 3
      context.strokeStyle = '#0a141b'
      context.strokeText(`${ms} ms`, 4, y - 8)
      context.fillStyle = INK
      context.fillText(`${ms} ms`, 4, y - 8)
      context.lineWidth = 1
    }
  }
}
