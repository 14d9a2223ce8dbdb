import type { Shape } from '../world/shapes.ts'

/** Panes of coloured glass in lead, alike left and right. */
export function stainedGlass(
  context: OffscreenCanvasRenderingContext2D,
  { width, height }: Shape,
  random: () => number,
): void {
  const hues = [205, 190, 265, 330, 45, 15, 150, 220]
  const panes = Array.from({ length: Math.round((width * height) / 420) }, () => ({
    x: random() * (width / 2),
    y: random() * height,
    colour: brightColour(hues[Math.floor(random() * hues.length)]! + random() * 16, 0.42 + random() * 0.22),
  }))
  // Point by point: the panes are the Voronoi cells of their middles.
  const fine = 2
  const [across, down] = [Math.ceil(width) * fine, Math.ceil(height) * fine]
  const image = new ImageData(across, down)
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      const [x, y] = [Math.abs((column + 0.5) / fine - width / 2), (row + 0.5) / fine]
      let [near, second, pane] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, panes[0]!]
      for (const each of panes) {
        const away = (each.x - x) ** 2 + (each.y - y) ** 2
        if (away < near) [second, near, pane] = [near, away, each]
        else if (away < second) second = away
      }
      const lead = Math.min(1, Math.max(0, (Math.sqrt(second) - Math.sqrt(near) - 1.2) * 2))
      const light = lead * (1.35 - 0.025 * Math.sqrt(near) - (0.45 * y) / height)
      for (let channel = 0; channel < 3; channel++) {
        image.data[(row * across + column) * 4 + channel] = 14 * (1 - lead) + 255 * light * pane.colour[channel]!
      }
      image.data[(row * across + column) * 4 + 3] = 255
    }
  }
  const canvas = new OffscreenCanvas(across, down)
  canvas.getContext('2d')?.putImageData(image, 0, 0)
  context.drawImage(canvas, -width / 2, -height / 2, across / fine, down / fine)
}

/** Red, green and blue, 0 to 1, of a hue in degrees. */
function brightColour(hue: number, light: number): number[] {
  return [0, 8, 4].map((offset) => {
    const at = (offset + hue / 30) % 12
    return light - 0.88 * Math.min(light, 1 - light) * Math.max(-1, Math.min(at - 3, 9 - at, 1))
  })
}
