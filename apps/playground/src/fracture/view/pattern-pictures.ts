import { fracturePolygon } from '@millrace/fracture'
import { element } from '../../shell/element.ts'
import { PATTERNS, paramsFor } from '../patterns.ts'

const TILE = Float64Array.of(-19, -13, 19, -13, 19, 13, -19, 13)

/** Pictures of the patterns: what each makes of a tile, with that seed. */
export function drawPatterns(seed: number): void {
  for (const { name } of PATTERNS) {
    const picture = element('patterns', HTMLFieldSetElement).querySelector(`[value=${name}] + svg path`)
    const params = paramsFor({ outer: TILE, holes: [] }, { pattern: name, pieces: name === 'radial' ? 14 : 9, seed })
    const { fragments } = fracturePolygon(TILE, { ...params, mesh: false, convex: false })
    picture?.setAttribute(
      'd',
      fragments.map(({ outer }) => `M${Array.from(outer, (at) => at.toFixed(1)).join(' ')}z`).join(''),
    )
  }
}
