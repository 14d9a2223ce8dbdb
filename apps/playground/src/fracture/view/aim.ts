import { element } from '../../shell/element.ts'

/** Pixels that an arrow key moves the aim. */
const STEP = 22

/** Where the next blow goes of whoever has no mouse. */
export class Aim {
  readonly #sight = element('aim', HTMLElement)
  readonly #canvas: HTMLCanvasElement
  #x = 0.5
  #y = 0.7

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    canvas.addEventListener('pointerdown', () => {
      this.#sight.hidden = true
    })
  }

  move(across: number, down: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    this.#sight.hidden = false
    this.#x = Math.min(1, Math.max(0, this.#x + (across * STEP) / width))
    this.#y = Math.min(1, Math.max(0, this.#y + (down * STEP) / height))
    this.#sight.style.translate = `${this.#x * width}px ${this.#y * height}px`
  }

  /** The point of the canvas. */
  get at(): { x: number; y: number } {
    return { x: this.#x * this.#canvas.clientWidth, y: this.#y * this.#canvas.clientHeight }
  }
}
