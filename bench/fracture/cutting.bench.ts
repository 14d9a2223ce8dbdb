import type { Bench } from '../harness/bench.ts'
import { type Contender, compare } from '../harness/compare.ts'
import { collectYoung } from '../harness/memory.ts'
import { clipper2, clipper2Doubles } from './cutters/clipper2.ts'
import type { Cutter, PreparedCut, Scene } from './cutters/cutter.ts'
import { martinez } from './cutters/martinez.ts'
import { kernel, kernelOnNetwork, wholeFracture } from './cutters/ours.ts'
import { polyBool } from './cutters/polybool.ts'
import { polygonClippingLibrary } from './cutters/polygon-clipping.ts'
import { sutherlandHodgman } from './cutters/sutherland-hodgman.ts'
import { scenesOf } from './scenes.ts'

const SCENES = 64
/** Of the star: clipper2-ts rounds every point to a ten-thousandth of a unit, polybooljs joins what is nearer than its epsilon. */
const AREA_TOLERANCE = 1e-6
const WARM_UP_MS = 400

interface Peer {
  readonly cutter: Cutter
  readonly goal?: number
}

const peers: readonly Peer[] = [
  { cutter: clipper2, goal: 15 },
  { cutter: clipper2Doubles },
  { cutter: martinez, goal: 8 },
  { cutter: polygonClippingLibrary },
  { cutter: polyBool },
  { cutter: sutherlandHodgman, goal: 0.4 },
]

/**
 * How long does one thread take to cut a concave star of 32 vertices into 16 Voronoi cells? Peers have the polygons of the cells ready-made and in
 * their own form; ours the Voronoi diagram. It checks the star besides, and puts the pieces into the one form that travels.
 */
export default async function cutting(bench: Bench): Promise<void> {
  // Ours would join what is very small to a neighbour: not here, where it is held against the others.
  const scenes = scenesOf(SCENES, { minFragmentArea: 0 })
  checkPieces(scenes)
  const timed = (cutter: Cutter) => timedSample(cutter, scenes, bench.quick ? 15 : 60)
  const contenders: Contender[] = [kernel, wholeFracture]
    .map((cutter): Peer => ({ cutter }))
    .concat(peers)
    .map(({ cutter, goal }) => ({ name: cutter.name, ...(goal !== undefined && { goal }), sample: timed(cutter) }))
  await compare(bench, {
    id: 'fracture/cut',
    unit: 'µs',
    rounds: bench.quick ? 7 : 15,
    tolerance: AREA_TOLERANCE,
    ours: timed(kernelOnNetwork),
    peers: contenders,
  })
}

/** Before anything is timed: the same pieces from everybody, piece by piece by their area; by the area of all where they come out joined. */
function checkPieces(scenes: readonly Scene[]): void {
  for (const scene of scenes) {
    const piecesOf = (cutter: Cutter) => withoutSlivers(areasOf(cutter.prepare(scene))).toSorted((a, b) => a - b)
    const own = piecesOf(kernelOnNetwork)
    const whole = sum(own)
    for (const cutter of [kernel, wholeFracture, ...peers.map((peer) => peer.cutter)]) {
      const pieces = piecesOf(cutter)
      const areSame = cutter.isSplitting
        ? pieces.length === own.length &&
          pieces.every((area, at) => Math.abs(area - own[at]!) <= AREA_TOLERANCE * whole)
        : Math.abs(sum(pieces) - whole) <= AREA_TOLERANCE * whole
      if (!areSame)
        throw new Error(`star ${scene.number}: ${cutter.name} has pieces of ${pieces} where ours has ${own}`)
    }
  }
}

function areasOf<Pieces>(prepared: PreparedCut<Pieces>): number[] {
  return prepared.areasOf(prepared.cut())
}

/** What is left of a cell that only touches the star. */
function withoutSlivers(areas: readonly number[]): number[] {
  const least = AREA_TOLERANCE * sum(areas)
  return areas.filter((area) => area > least)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** What the last star came to leaves the loop by here: one that nobody else can see, a compiler does not make. */
const out: { pieces: unknown } = { pieces: undefined }

/** Processor time of a star, in µs. */
function timedSample<Pieces>(cutter: Cutter<Pieces>, scenes: readonly Scene[], sampleMs: number): Contender['sample'] {
  const prepared = scenes.map((scene) => cutter.prepare(scene))
  const pass = () => {
    for (const one of prepared) out.pieces = one.cut()
  }
  let passes = 0
  return () => {
    if (passes === 0) {
      const startedAt = processorMs()
      while (passes < 3 || processorMs() - startedAt < WARM_UP_MS) {
        pass()
        passes++
      }
      const again = processorMs()
      pass()
      passes = Math.max(1, Math.round(sampleMs / (processorMs() - again)))
    }
    collectYoung()
    const startedAt = processorMs()
    for (let count = 0; count < passes; count++) pass()
    const micros = ((processorMs() - startedAt) * 1000) / (passes * prepared.length)
    return { value: micros, checksum: sum(prepared.at(-1)!.areasOf(out.pieces as Pieces)) }
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
