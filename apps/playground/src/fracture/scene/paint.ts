import type { Material } from '../world/kinds.ts'
import type { Shape } from '../world/shapes.ts'
import { stainedGlass } from './stained-glass.ts'

export type Canvas2D = OffscreenCanvasRenderingContext2D
type Random = () => number
type Painter = (context: Canvas2D, shape: Shape, random: Random) => void

/** The outline, with its holes. */
function outline({ outer, holes }: Shape): Path2D {
  const path = new Path2D()
  for (const ring of [outer, ...holes]) {
    for (let at = 0; at < ring.length; at += 2) path.lineTo(ring[at]!, ring[at + 1]!)
    path.closePath()
  }
  return path
}

/** Paints a shape of a material around 0, in the shape's pixels. */
export function paint(context: Canvas2D, material: Material, shape: Shape, random: Random): void {
  const path = outline(shape)
  context.save()
  context.clip(path, 'evenodd')
  PAINTERS[material](context, shape, random)
  bevel(context, path, material === 'glass' ? 0.75 : 0.5)
  context.restore()
}

/** Edges that catch the light from above, and lie in shadow below. */
function bevel(context: Canvas2D, path: Path2D, strength: number): void {
  const edge = (x: number, y: number, width: number, colour: string) => {
    context.save()
    context.translate(x, y)
    context.lineWidth = width
    context.strokeStyle = colour
    context.stroke(path)
    context.restore()
  }
  edge(0, 0, 2, `rgb(0 0 0 / ${strength * 0.7})`)
  edge(-1.6, -2.4, 3.4, `rgb(3 8 20 / ${strength})`)
  edge(1.1, 1.5, 1.5, `rgb(255 250 235 / ${strength})`)
}

const box = ({ width, height }: Shape) => [-width / 2, -height / 2, width, height] as const

function fill(context: Canvas2D, shape: Shape, from: string, to: string): void {
  const { width, height } = shape
  const gradient = context.createLinearGradient(-width * 0.2, -height / 2, width * 0.2, height / 2)
  gradient.addColorStop(0, from)
  gradient.addColorStop(1, to)
  context.fillStyle = gradient
  context.fillRect(...box(shape))
}

function speckle(context: Canvas2D, shape: Shape, random: Random, amount: number, strength: number): void {
  const { width, height } = shape
  const count = (width * height * amount) / 100
  for (let index = 0; index < count; index++) {
    const size = 0.6 + random() ** 3 * 4
    context.fillStyle =
      random() < 0.5 ? `rgb(0 0 0 / ${random() * strength})` : `rgb(255 255 255 / ${random() * strength * 0.7})`
    context.fillRect((random() - 0.5) * width, (random() - 0.5) * height, size, size * (0.5 + random()))
  }
}

function crack(context: Canvas2D, { width, height }: Shape, random: Random): void {
  let [x, y] = [(random() - 0.5) * width, (random() - 0.5) * height]
  context.beginPath()
  context.moveTo(x, y)
  for (let step = 0; step < 7; step++) {
    x += (random() - 0.5) * 14
    y += (random() - 0.3) * 10
    context.lineTo(x, y)
  }
  context.lineWidth = 0.8
  context.strokeStyle = 'rgb(0 0 0 / 0.35)'
  context.stroke()
}

/** As if it were round, lit from the left. */
function roundly(context: Canvas2D, shape: Shape, strength: number): void {
  const gradient = context.createLinearGradient(-shape.width / 2, 0, shape.width / 2, 0)
  gradient.addColorStop(0, `rgb(0 0 10 / ${strength * 0.75})`)
  gradient.addColorStop(0.3, `rgb(255 255 255 / ${strength * 0.4})`)
  gradient.addColorStop(0.55, 'rgb(0 0 10 / 0)')
  gradient.addColorStop(1, `rgb(0 0 10 / ${strength})`)
  context.fillStyle = gradient
  context.fillRect(...box(shape))
}

function metal(hue: number, saturation: number): Painter {
  return (context, shape, random) => {
    const gradient = context.createConicGradient(random() * 6, 0, 0)
    for (let stop = 0; stop <= 8; stop++) {
      gradient.addColorStop(stop / 8, `hsl(${hue} ${saturation}% ${stop % 2 === 0 ? 40 : 68}%)`)
    }
    context.fillStyle = gradient
    context.fillRect(...box(shape))
    for (let ring = shape.width / 2; ring > 2; ring -= 3.2) {
      context.beginPath()
      context.arc(0, 0, ring, 0, 7)
      context.lineWidth = 0.7
      context.strokeStyle = `rgb(0 0 0 / ${0.08 + random() * 0.14})`
      context.stroke()
    }
    context.beginPath()
    context.arc(0, 0, shape.width * 0.33, 0, 7)
    context.lineWidth = 3
    context.strokeStyle = 'rgb(0 0 0 / 0.28)'
    context.stroke()
    speckle(context, shape, random, 3, 0.18)
  }
}

/** Flat faces around the middle, each turned to the light in its own way. */
function facets(hue: number, saturation: number, from: number, to: number): Painter {
  return (context, { outer }, random) => {
    for (let at = 0; at < outer.length; at += 2) {
      const next = (at + 2) % outer.length
      const turn = Math.atan2(outer[at + 1]! + outer[next + 1]!, outer[at]! + outer[next]!)
      const light = from + (to - from) * (0.5 - 0.5 * Math.sin(turn + 0.5)) + (random() - 0.5) * 10
      context.beginPath()
      context.moveTo(0, 0)
      context.lineTo(outer[at]!, outer[at + 1]!)
      context.lineTo(outer[next]!, outer[next + 1]!)
      context.closePath()
      context.fillStyle = `hsl(${hue + (random() - 0.5) * 14} ${saturation}% ${light}%)`
      context.fill()
      context.lineWidth = 0.8
      context.strokeStyle = 'rgb(255 255 255 / 0.35)'
      context.stroke()
    }
  }
}

function boards(context: Canvas2D, shape: Shape, random: Random): void {
  const { width, height } = shape
  const [left, top] = box(shape)
  const board = 15
  for (let y = 0; y < height; y += board) {
    context.fillStyle = `hsl(${27 + random() * 8} ${42 + random() * 14}% ${33 + random() * 13}%)`
    context.fillRect(left, top + y, width, board)
    for (let grain = 0; grain < 7; grain++) {
      const at = top + y + random() * board
      context.beginPath()
      context.moveTo(left, at)
      context.bezierCurveTo(
        left + width * 0.3,
        at + (random() - 0.5) * 7,
        left + width * 0.7,
        at,
        left + width,
        at + (random() - 0.5) * 4,
      )
      context.lineWidth = 0.4 + random()
      context.strokeStyle = `rgb(40 18 4 / ${0.12 + random() * 0.28})`
      context.stroke()
    }
    context.fillStyle = 'rgb(20 8 0 / 0.55)'
    context.fillRect(left, top + y + board - 1.2, width, 1.4)
  }
  if (height < 40) return
  const frame = 9
  context.lineWidth = frame
  context.strokeStyle = `hsl(30 46% ${30 + random() * 6}%)`
  context.beginPath()
  context.moveTo(left + frame, top + frame)
  context.lineTo(-left - frame, -top - frame)
  context.stroke()
  context.lineWidth = 1
  context.strokeStyle = 'rgb(20 8 0 / 0.5)'
  context.stroke()
  context.lineWidth = frame
  context.strokeStyle = `hsl(31 44% ${40 + random() * 6}%)`
  context.strokeRect(left + frame / 2, top + frame / 2, width - frame, height - frame)
  context.lineWidth = 1
  context.strokeStyle = 'rgb(20 8 0 / 0.6)'
  context.strokeRect(left + frame, top + frame, width - 2 * frame, height - 2 * frame)
  context.fillStyle = '#d9e2e8'
  for (const x of [left + 4.5, -left - 4.5])
    for (const y of [top + 4.5, -top - 4.5]) context.fillRect(x - 1.2, y - 1.2, 2.4, 2.4)
}

const PAINTERS: Readonly<Record<Material, Painter>> = {
  brick(context, shape, random) {
    const hue = 8 + random() * 14
    fill(context, shape, `hsl(${hue} 48% ${46 + random() * 9}%)`, `hsl(${hue} 50% ${30 + random() * 7}%)`)
    speckle(context, shape, random, 22, 0.22)
    if (random() < 0.5) crack(context, shape, random)
  },
  wood(context, shape, random) {
    boards(context, shape, random)
    speckle(context, shape, random, 5, 0.14)
  },
  stone(context, shape, random) {
    const light = 58 + random() * 10
    fill(context, shape, `hsl(${212 + random() * 16} 13% ${light}%)`, `hsl(218 15% ${light - 19}%)`)
    speckle(context, shape, random, 18, 0.17)
    for (let count = 0; count < 2; count++) crack(context, shape, random)
    if (shape.width === shape.height) roundly(context, shape, 0.5)
  },
  glass(context, shape) {
    const { width, height } = shape
    const gradient = context.createLinearGradient(-width / 2, -height / 2, width / 2, height / 2)
    gradient.addColorStop(0, 'rgb(190 240 255 / 0.72)')
    gradient.addColorStop(0.35, 'rgb(90 190 230 / 0.36)')
    gradient.addColorStop(0.5, 'rgb(200 245 255 / 0.62)')
    gradient.addColorStop(0.62, 'rgb(70 160 215 / 0.34)')
    gradient.addColorStop(1, 'rgb(150 225 255 / 0.58)')
    context.fillStyle = gradient
    context.fillRect(...box(shape))
  },
  stained: stainedGlass,
  brass: metal(36, 62),
  steel: metal(208, 16),
  enamel(context, shape, random) {
    fill(context, shape, '#b4f1ff', '#1583ad')
    context.fillStyle = 'rgb(255 255 255 / 0.18)'
    context.beginPath()
    context.ellipse(-shape.width * 0.1, -shape.height * 0.62, shape.width * 0.9, shape.height * 0.62, -0.12, 0, 7)
    context.fill()
    speckle(context, shape, random, 5, 0.1)
  },
  porcelain(context, shape, random) {
    fill(context, shape, '#ffffff', '#dce6f4')
    const { width, height } = shape
    context.strokeStyle = '#2f5fc4'
    context.fillStyle = '#2f5fc4'
    context.lineWidth = 2
    for (const share of [-0.33, -0.28, 0.02, 0.3, 0.34]) context.strokeRect(-width, share * height, width * 2, 0.01)
    for (let petal = 0; petal < 22; petal++) {
      const [x, y] = [((petal % 11) / 10 - 0.5) * width, (petal < 11 ? -0.09 : 0.17) * height + (random() - 0.5) * 5]
      context.beginPath()
      context.ellipse(x, y, 2.2 + random() * 2, 4.6, random() * 3, 0, 7)
      context.fill()
    }
    roundly(context, shape, 0.6)
  },
  crystal: facets(268, 78, 38, 82),
  gold: facets(44, 88, 40, 74),
  ruby(context, shape, random) {
    facets(348, 82, 32, 66)(context, shape, random)
  },
  lantern(context, shape) {
    const { width, height } = shape
    const light = context.createRadialGradient(0, 2, 2, 0, 2, height * 0.55)
    light.addColorStop(0, '#fffbe6')
    light.addColorStop(0.35, '#ffd98a')
    light.addColorStop(1, '#e0761d')
    context.fillStyle = light
    context.fillRect(...box(shape))
    context.strokeStyle = 'rgb(70 24 4 / 0.75)'
    context.lineWidth = 1.6
    for (const x of [-0.26, 0, 0.26]) context.strokeRect(x * width, -height, 0.01, height * 2)
    context.fillStyle = '#3a2413'
    context.fillRect(-width, -height / 2, width * 2, 7)
    context.fillRect(-width, height / 2 - 7, width * 2, 7)
  },
}
