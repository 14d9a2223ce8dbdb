import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SliceNetwork } from '../../src/patterns/slices/slice-network.ts'
import { cutsBetween, cutsOf } from './shapes.ts'

const reach = { minX: -1, minY: -2, maxX: 3, maxY: 2 }

const far = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.double({ min: -5, max: 5, noNaN: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
)
const ends = fc.tuple(far, far, far, far)

/** Ways within reach meet the cut within it if and only if they meet it as it was given. */
const keepsWhatIsNear = (Network: typeof SliceNetwork) =>
  fc.property(ends, fc.nat(), ([ax, ay, bx, by], seed) => {
    const network = new Network(reach)
    network.addCut(network.addPoint(ax, ay), network.addPoint(bx, by))
    const made = network.finish()
    for (const cut of cutsOf(made)) for (const { x, y } of cut) expect(isWithin(x, y)).toBe(true)
    const whole = { points: Float64Array.of(ax, ay, bx, by), cuts: Int32Array.of(0, 1) }
    const random = randomFrom(seed)
    const place = () => [reach.minX + 4 * random(), reach.minY + 4 * random()] as const
    for (let way = 0; way < 20; way++) {
      const [x, y] = place()
      const [toX, toY] = place()
      expect(cutsBetween(made, x, y, toX, toY)).toBe(cutsBetween(whole, x, y, toX, toY))
    }
  })

function isWithin(x: number, y: number): boolean {
  return x >= reach.minX && x <= reach.maxX && y >= reach.minY && y <= reach.maxY
}

class HalvingNetwork extends SliceNetwork {
  override addCut(from: number, to: number): void {
    if (from === 0 && to === 1) this.addRay(from, { x: 1, y: 0.5 })
    else super.addCut(from, to)
  }
}

describe('SliceNetwork', () => {
  it('keeps of a cut what is within reach', () => holds(keepsWhatIsNear(SliceNetwork)))
  it('would be caught cutting elsewhere', () => fails(keepsWhatIsNear(HalvingNetwork)))

  it('keeps the bits of what is within reach, and numbers that are shared', () => {
    const network = new SliceNetwork(reach)
    const [outside, a, b, c] = [
      [9, 9],
      [0.1, 0.2],
      [0.3, 0.7],
      [0.3, 9],
    ].map(([x, y]) => network.addPoint(x!, y!))
    network.addCut(a!, b!)
    network.addCut(b!, c!)
    network.addCut(outside!, c!)
    expect(network.finish()).toEqual({
      points: Float64Array.of(0.1, 0.2, 0.3, 0.7, 0.3, 2),
      cuts: Int32Array.of(0, 1, 1, 2),
    })
  })

  it('has lines and rays up to the end of its reach', () => {
    const network = new SliceNetwork(reach)
    network.addLine({ x: 0, y: 0 }, { x: 0, y: 1 })
    network.addRay(network.addPoint(1, 1), { x: -1, y: 0 })
    network.addRay(network.addPoint(9, 9), { x: 1, y: 0 })
    network.addRay(network.addPoint(9, 1), { x: -1, y: 0 })
    expect(network.finish()).toEqual({
      points: Float64Array.of(0, -2, 0, 2, 1, 1, -1, 1, 3, 1, -1, 1),
      cuts: Int32Array.of(0, 1, 2, 3, 4, 5),
    })
  })

  it('takes any number', () => {
    const network = new SliceNetwork(reach)
    const most = Number.MAX_VALUE
    network.addCut(network.addPoint(-most, 0), network.addPoint(most, 0))
    network.addCut(network.addPoint(-most, -most), network.addPoint(most, most))
    network.addCut(network.addPoint(1, 1), network.addPoint(1, 1))
    for (const cut of cutsOf(network.finish())) for (const { x, y } of cut) expect(isWithin(x, y)).toBe(true)
  })
})
