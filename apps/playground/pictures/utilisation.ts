/**
 * Draws utilisation.svg: what a controller uses of its 2.5 ms, frame by frame, while there is always more to do than fits.
 *
 * From an actual run, by the real clock, of about 15 s. What other programs take of the machine meanwhile is in it too; on Linux `chrt -f 50`
 * before the command keeps them away.
 *
 *     npx node --conditions=millrace-source apps/playground/pictures/utilisation.ts
 */
import { writeFileSync } from 'node:fs'
import { BatchController, type BatchType, driveFrames, timerFrames } from '@millrace/frame'
import { querySystem } from '@millrace/frame/bitecs'
import { addComponents, addEntity, createWorld } from 'bitecs'

const BUDGET_MS = 2.5
const FPS = 60
const WARM_UP = 300
const FRAMES = 600
const ENTITIES = 100_000
/** An overrun that is worth a word. */
const TOLD_MS = 0.1

/** What one frame used, in ms: of all, and of each lane. */
interface FrameUse {
  readonly usedMs: number
  readonly laneMs: readonly number[]
}

const { frames, lanes } = await measure()
writeFileSync(new URL('../../../docs/pictures/utilisation.svg', import.meta.url), draw(frames, lanes))

/** Runs five systems over a bitECS world, each of which alone takes a good part of the budget. */
async function measure(): Promise<{ frames: FrameUse[]; lanes: readonly string[] }> {
  const controller = new BatchController({ budgetMs: BUDGET_MS, policy: 'shared', traceSpans: 4096 })
  addSystems(controller)
  const trace = controller.trace!
  const frames: FrameUse[] = []
  let cursor = trace.written
  const { promise, resolve } = Promise.withResolvers<void>()
  using _loop = driveFrames(controller, timerFrames({ fps: FPS }), {
    onFrame({ index, usedMs }) {
      const laneMs = trace.tracks.map(() => 0)
      cursor = trace.readFrom(cursor, (lane, _name, startMs, endMs) => {
        laneMs[lane]! += endMs - startMs
      })
      if (index > WARM_UP) frames.push({ usedMs, laneMs })
      if (frames.length === FRAMES) resolve()
    },
  })
  await promise
  return { frames, lanes: trace.tracks }
}

function addSystems(controller: BatchController): void {
  const world = createWorld()
  const column = () => new Float32Array(ENTITIES + 1)
  const Place = { x: column(), y: column() }
  const Speed = { x: column(), y: column() }
  const Look = { seen: new Uint8Array(ENTITIES + 1), detail: new Uint8Array(ENTITIES + 1), goal: column() }
  for (let nth = 0; nth < ENTITIES; nth++) {
    const entity = addEntity(world)
    addComponents(world, entity, [Place, Speed, Look])
    Place.x[entity] = nth % 997
    Place.y[entity] = nth % 991
  }
  const system = (type: BatchType, each: (entity: number) => void) =>
    controller.register(
      querySystem(world, { name: type, type, cost: 0.5, query: [Place, Speed, Look], each, chunk: 64 }),
    )
  system('Transform', (entity) => {
    Place.x[entity]! += Speed.x[entity]! * 0.016
    Place.y[entity]! += Speed.y[entity]! * 0.016
  })
  system('Visibility', (entity) => {
    Look.seen[entity] = distance(Place.x[entity]! - 500, Place.y[entity]! - 500) < 400 ? 1 : 0
  })
  system('Physics', (entity) => {
    Speed.x[entity]! += Math.cos(Look.goal[entity]!) - 0.1 * Speed.x[entity]!
    Speed.y[entity]! += Math.sin(Look.goal[entity]!) - 0.1 * Speed.y[entity]!
  })
  system('LOD', (entity) => {
    Look.detail[entity] = Math.min(4, distance(Place.x[entity]!, Place.y[entity]!) / 250)
  })
  system('AI', (entity) => {
    Look.goal[entity] = Math.atan2(500 - Place.y[entity]!, 500 - Place.x[entity]!)
  })
}

/** `Math.hypot` makes an array at every call, and garbage would be all that the picture shows. */
function distance(x: number, y: number): number {
  return Math.sqrt(x * x + y * y)
}

function draw(frames: readonly FrameUse[], lanes: readonly string[]): string {
  const [left, top, width, height] = [76, 128, 1180, 300]
  const topMs = 3
  const x = (frame: number) => round(left + (width * frame) / frames.length)
  const y = (ms: number) => round(top + height * (1 - Math.min(ms, topMs) / topMs))

  /** A staircase over all frames, back along its foot. */
  const areas = lanes.map((_, lane) => {
    const upTo = (frame: FrameUse, last: number) => frame.laneMs.slice(0, last).reduce((sum, ms) => sum + ms, 0)
    const edge = frames.map((frame, nth) => `H${x(nth)}V${y(upTo(frame, lane + 1))}`).join('')
    const foot = frames.map((frame, nth) => `V${y(upTo(frame, lane))}H${x(nth)}`).toReversed()
    return `<path class="lane${lane}" d="M${x(0)},${y(0)}${edge}H${x(frames.length)}${foot.join('')}Z"/>`
  })
  const legend = lanes.map((name, lane) => {
    const at = left + 120 * lane
    return `<rect class="lane${lane}" x="${at}" y="90" width="12" height="12" rx="3"/><text x="${at + 19}" y="101">${name}</text>`
  })
  const marks = [0, 0.5, 1, 1.5, 2, BUDGET_MS].map(
    (ms) =>
      `<path class="${ms === BUDGET_MS ? 'budget' : 'grid'}" d="M${left},${y(ms)}h${width}"/>` +
      `<text class="end" x="${left - 10}" y="${y(ms) + 5}">${ms} ms</text>`,
  )
  const seconds = [0, 2, 4, 6, 8, 10].map(
    (second) => `<text class="middle" x="${x(second * FPS)}" y="${top + height + 24}">${second} s</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1296 480" font-family="system-ui, sans-serif" font-size="15" role="img">
<title>CPU time of ${FRAMES} frames under a budget of ${BUDGET_MS} ms, with more to do than fits</title>
<style>
  .page { fill: #ffffff } text { fill: #3d4451 } .head { fill: #14171d; font-size: 19px; font-weight: 600 }
  .end { text-anchor: end } .middle { text-anchor: middle } .grid { stroke: #80808030 }
  .budget { stroke: #14171d; stroke-width: 1.5; stroke-dasharray: 6 5; fill: none }
  .lane0 { fill: #2f6fb5 } .lane1 { fill: #4fa3a5 } .lane2 { fill: #8a9a3f } .lane3 { fill: #d69a3c } .lane4 { fill: #b8563f }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14171d } text { fill: #aeb6c2 } .head { fill: #f2f4f7 } .budget { stroke: #f2f4f7 }
  }
</style>
<rect class="page" width="1296" height="480" rx="10"/>
<text class="head" x="${left}" y="38">A budget of ${BUDGET_MS} ms a frame, and always more to do than fits</text>
<text x="${left}" y="64">${summary(frames)}</text>
${[...legend, ...areas, ...marks, ...seconds].join('\n')}
</svg>
`
}

function summary(frames: readonly FrameUse[]): string {
  const used = frames.map(({ usedMs }) => usedMs).sort((a, b) => a - b)
  const quantile = (share: number) => `${used[Math.ceil(share * used.length) - 1]!.toFixed(3)} ms`
  const share = used.reduce((sum, ms) => sum + ms, 0) / used.length / BUDGET_MS
  const over = (least: number) => used.filter((ms) => ms > BUDGET_MS + least).length
  return (
    `${frames.length} frames, ${ENTITIES.toLocaleString('en')} entities: ${(100 * share).toFixed(1)} % of the budget used; ` +
    `${over(0)} frames over it, ${over(TOLD_MS)} by more than ${TOLD_MS} ms; 99 of 100 within ${quantile(0.99)}, the longest ${quantile(1)}`
  )
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
