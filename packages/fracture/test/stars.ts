/** A star of so many points, every second of them half as far out. */
export function star(points: number, radius = 100): number[] {
  return Array.from({ length: points }, (_, at) => {
    const turn = (2 * Math.PI * at) / points
    const away = at % 2 === 0 ? radius : radius / 2
    return [away * Math.cos(turn), away * Math.sin(turn)]
  }).flat()
}
