import { seededRandom } from '@millrace/kernel/seeded-random'
import { HALL_HEIGHT } from '../world/layout.ts'
import { SHAFTS, SLANT } from './light.ts'
import type { Canvas2D } from './paint.ts'

const HORIZON = 745

function canvasOf(width: number, height: number): { canvas: OffscreenCanvas; context: Canvas2D } {
  const canvas = new OffscreenCanvas(Math.ceil(width), Math.ceil(height))
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser has no 2D canvas.')
  return { canvas, context }
}

/** The hall without anything in it, a pixel for each of its units. */
export function paintBackdrop(width: number): OffscreenCanvas {
  const { canvas, context } = canvasOf(width, HALL_HEIGHT)
  const wall = context.createLinearGradient(0, 0, 0, HORIZON)
  wall.addColorStop(0, '#050a16')
  wall.addColorStop(0.55, '#0c1a30')
  wall.addColorStop(1, '#1b3654')
  context.fillStyle = wall
  context.fillRect(0, 0, width, HORIZON)
  for (const share of SHAFTS) paintWindow(context, share * width - 620 * SLANT, Math.min(150, width * 0.16))
  paintColumns(context, width)
  paintFloor(context, width)
  const random = seededRandom(3)
  for (let grain = 0; grain < (width * HALL_HEIGHT) / 40; grain++) {
    context.fillStyle = random() < 0.5 ? 'rgb(255 255 255 / 0.018)' : 'rgb(0 0 0 / 0.05)'
    context.fillRect(random() * width, random() * HALL_HEIGHT, 1.5, 1.5)
  }
  return canvas
}

function paintWindow(context: Canvas2D, middle: number, wide: number): void {
  const path = new Path2D()
  const [left, right, top, spring, foot] = [middle - wide / 2, middle + wide / 2, 90, 260, 560]
  path.moveTo(left, foot)
  path.lineTo(left, spring)
  path.quadraticCurveTo(left, top + 60, middle, top)
  path.quadraticCurveTo(right, top + 60, right, spring)
  path.lineTo(right, foot)
  path.closePath()
  const glow = context.createRadialGradient(middle, 330, 20, middle, 330, 420)
  glow.addColorStop(0, 'rgb(96 160 220 / 0.38)')
  glow.addColorStop(1, 'rgb(96 160 220 / 0)')
  context.fillStyle = glow
  context.fillRect(middle - 420, 0, 840, 760)
  const light = context.createLinearGradient(0, top, 0, foot)
  light.addColorStop(0, '#cfe9ff')
  light.addColorStop(0.4, '#78aedb')
  light.addColorStop(1, '#24496e')
  context.save()
  context.filter = 'blur(2.5px)'
  context.globalAlpha = 0.72
  context.fillStyle = light
  context.fill(path)
  context.restore()
  context.save()
  context.clip(path)
  context.strokeStyle = '#0a1526'
  context.lineWidth = 7
  context.beginPath()
  for (const share of [-0.17, 0.17]) {
    context.moveTo(middle + share * wide, foot)
    context.lineTo(middle + share * wide, top)
  }
  for (let y = spring; y < foot; y += 76) {
    context.moveTo(left, y)
    context.lineTo(right, y)
  }
  context.moveTo(middle + wide * 0.2, 214)
  context.arc(middle, 214, wide * 0.2, 0, 7)
  context.stroke()
  context.restore()
  context.lineWidth = 10
  context.strokeStyle = '#0a1424'
  context.stroke(path)
}

function paintColumns(context: Canvas2D, width: number): void {
  const places = [-0.02, ...SHAFTS.slice(0, -1).map((share, index) => (share + SHAFTS[index + 1]!) / 2)]
  for (const share of places) {
    const x = share * width - 620 * SLANT + 12
    const half = 26
    const shade = context.createLinearGradient(x - half, 0, x + half, 0)
    shade.addColorStop(0, '#14273f')
    shade.addColorStop(0.3, '#1c3450')
    shade.addColorStop(1, '#060d1a')
    context.fillStyle = shade
    context.fillRect(x - half, 0, half * 2, HORIZON)
    context.fillRect(x - half - 12, HORIZON - 30, half * 2 + 24, 34)
    context.fillRect(x - half - 9, 176, half * 2 + 18, 18)
  }
}

function paintFloor(context: Canvas2D, width: number): void {
  const floor = context.createLinearGradient(0, HORIZON, 0, HALL_HEIGHT)
  floor.addColorStop(0, '#24425f')
  floor.addColorStop(0.12, '#182f48')
  floor.addColorStop(0.5, '#0d1a2b')
  floor.addColorStop(1, '#050a12')
  context.fillStyle = floor
  context.fillRect(0, HORIZON, width, HALL_HEIGHT - HORIZON)
  context.lineWidth = 1.2
  const middle = width / 2
  for (let line = -24; line <= 24; line++) {
    context.strokeStyle = 'rgb(130 180 220 / 0.08)'
    context.beginPath()
    context.moveTo(middle + line * 46, HORIZON)
    context.lineTo(middle + line * 190, HALL_HEIGHT)
    context.stroke()
  }
  for (let row = 0; row < 9; row++) {
    const y = HORIZON + (HALL_HEIGHT - HORIZON) * (row / 8.4) ** 1.7
    context.fillStyle = 'rgb(130 180 220 / 0.07)'
    context.fillRect(0, y, width, 1.4)
  }
  for (const share of SHAFTS) {
    context.save()
    context.translate(share * width + 30, 872)
    context.scale(1, 0.26)
    const pool = context.createRadialGradient(0, 0, 10, 0, 0, 230)
    pool.addColorStop(0, 'rgb(150 205 245 / 0.36)')
    pool.addColorStop(1, 'rgb(150 205 245 / 0)')
    context.fillStyle = pool
    context.fillRect(-240, -240, 480, 480)
    context.restore()
  }
}

/** A shaft of light, slanting. */
export function paintShaft(): OffscreenCanvas {
  const { canvas, context } = canvasOf(420, HALL_HEIGHT / 2)
  context.scale(1, 0.5)
  context.filter = 'blur(9px)'
  const light = context.createLinearGradient(0, 120, 0, 960)
  light.addColorStop(0, 'rgb(150 205 255 / 0.1)')
  light.addColorStop(0.4, 'rgb(140 200 250 / 0.3)')
  light.addColorStop(0.75, 'rgb(120 180 240 / 0.15)')
  light.addColorStop(1, 'rgb(120 180 240 / 0)')
  context.fillStyle = light
  for (const [from, wide] of [
    [30, 52],
    [74, 30],
    [100, 46],
  ] as const) {
    context.beginPath()
    context.moveTo(from, 100)
    context.lineTo(from + wide, 100)
    context.lineTo(from * 1.15 + wide * 1.7 + 860 * SLANT - 40, 960)
    context.lineTo(from * 1.15 + 860 * SLANT - 60, 960)
    context.fill()
  }
  return canvas
}

/** A soft round light, white. */
export function paintGlow(size: number): OffscreenCanvas {
  const { canvas, context } = canvasOf(size, size)
  const light = context.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2)
  light.addColorStop(0, 'rgb(255 255 255 / 1)')
  light.addColorStop(0.18, 'rgb(255 255 255 / 0.55)')
  light.addColorStop(0.5, 'rgb(255 255 255 / 0.14)')
  light.addColorStop(1, 'rgb(255 255 255 / 0)')
  context.fillStyle = light
  context.fillRect(0, 0, size, size)
  return canvas
}

/** Mist that lies on the floor of a plane, and grows thin upwards. */
export function paintMist(): OffscreenCanvas {
  const { canvas, context } = canvasOf(4, 256)
  const mist = context.createLinearGradient(0, 0, 0, 256)
  mist.addColorStop(0, 'rgb(60 104 150 / 0)')
  mist.addColorStop(0.55, 'rgb(60 104 150 / 0.2)')
  mist.addColorStop(0.78, 'rgb(66 112 158 / 0.36)')
  mist.addColorStop(1, 'rgb(30 60 92 / 0)')
  context.fillStyle = mist
  context.fillRect(0, 0, 4, 256)
  return canvas
}

/** What darkens the corners. */
export function paintVignette(): OffscreenCanvas {
  const { canvas, context } = canvasOf(128, 128)
  const dark = context.createRadialGradient(64, 58, 30, 64, 64, 92)
  dark.addColorStop(0, 'rgb(2 5 12 / 0)')
  dark.addColorStop(0.6, 'rgb(2 5 12 / 0.22)')
  dark.addColorStop(1, 'rgb(2 5 12 / 0.86)')
  context.fillStyle = dark
  context.fillRect(0, 0, 128, 128)
  return canvas
}
