/**
 * Draws batch-size-curve.svg: intents a second by the size of batches, as `millrace intents tune` measured them, beside the specification's figures.
 *
 * From an actual run, whose result lies beside the picture. To measure anew, on a database that nobody needs meanwhile:
 *
 *     npx millrace intents tune --postgres URL --seconds 120 --latency 1000 --json > docs/pictures/batch-size-curve.json
 *     npx biome check --write docs/pictures/batch-size-curve.json
 *     npx node --conditions=millrace-source apps/playground/pictures/batch-size-curve.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** What `tune --json` prints, as far as it is drawn. */
interface Run {
  readonly server: string
  readonly connections: number
  readonly points: readonly { readonly size: number; readonly intentsPerSecond: number; readonly p99Ms: number }[]
  readonly time: { readonly fixedMs: number; readonly perIntentMs: number }
}

/** The specification's, of another machine: PostgreSQL in a container on a laptop, each batch one string of many statements. */
const SPECIFIED: readonly (readonly [size: number, perSecond: number])[] = [
  [73, 17_380],
  [127, 17_674],
  [251, 23_622],
  [509, 24_730],
  [617, 24_890],
  [857, 25_336],
  [991, 24_692],
]

const pictures = new URL('../../../docs/pictures/', import.meta.url)
const run = JSON.parse(readFileSync(new URL('batch-size-curve.json', pictures), 'utf8')) as Run
writeFileSync(new URL('batch-size-curve.svg', pictures), draw(run))

function draw({ server, connections, points, time }: Run): string {
  const [left, top, width, height] = [96, 118, 1140, 300]
  const sizes = points.map(({ size }) => size)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes, 2)]
  const topRate = niceAbove(Math.max(...points.map(({ intentsPerSecond }) => intentsPerSecond), 26_000))
  // A size ten times as large is as far away wherever it stands.
  const x = (size: number) => round(left + (width * Math.log(size / least)) / Math.log(most / least))
  const y = (rate: number) => round(top + height * (1 - Math.min(rate, topRate) / topRate))

  const line = (values: readonly (readonly [number, number])[]) =>
    values.map(([size, rate], nth) => `${nth === 0 ? 'M' : 'L'}${x(size)},${y(rate)}`).join('')
  const dots = (className: string, values: readonly (readonly [number, number])[]) =>
    values.map(([size, rate]) => `<circle class="${className}" cx="${x(size)}" cy="${y(rate)}" r="4"/>`)
  const ours = points.map(({ size, intentsPerSecond }) => [size, intentsPerSecond] as const)
  const fitted = Array.from({ length: 101 }, (_, nth) => {
    const size = least * (most / least) ** (nth / 100)
    return [size, (1000 * connections * size) / (time.fixedMs + time.perIntentMs * size)] as const
  })
  const best = points.reduce((a, b) => (b.intentsPerSecond > a.intentsPerSecond ? b : a))
  const rates = Array.from({ length: 6 }, (_, nth) => (topRate * nth) / 5)
  const grid = rates.map(
    (rate) =>
      `<path class="grid" d="M${left},${y(rate)}h${width}"/><text class="end" x="${left - 10}" y="${y(rate) + 5}">${count(rate)}</text>`,
  )
  const ticks = sizes
    .filter((size, nth) => nth === 0 || x(size) - x(sizes[nth - 1] ?? least) > 34)
    .map((size) => `<text class="middle" x="${x(size)}" y="${top + height + 24}">${count(size)}</text>`)
  const part = (ms: number) => Number(ms.toPrecision(2))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1296 490" font-family="system-ui, sans-serif" font-size="15" role="img">
<title>Intents a second by the size of batches, measured, beside the specification's figures</title>
<style>
  .page { fill: #ffffff } text { fill: #3d4451 } .head { fill: #14171d; font-size: 19px; font-weight: 600 }
  .end { text-anchor: end } .middle { text-anchor: middle } .grid { stroke: #80808030 }
  path { fill: none } .ours { stroke: #2f6fb5; stroke-width: 2.5 } .our { fill: #2f6fb5 }
  .fitted { stroke: #2f6fb5; stroke-width: 1.2; stroke-dasharray: 3 5 }
  .theirs { stroke: #b8563f; stroke-width: 1.5; stroke-dasharray: 6 5 } .their { fill: #b8563f }
  @media (prefers-color-scheme: dark) { .page { fill: #14171d } text { fill: #aeb6c2 } .head { fill: #f2f4f7 } }
</style>
<rect class="page" width="1296" height="490" rx="10"/>
<text class="head" x="${left}" y="38">Intents a second, committed, by the size of their batches</text>
<text x="${left}" y="64">${server}, ${connections} connections, JSONB patches: at most ${count(best.intentsPerSecond)} a second, at ${count(best.size)} in a batch; a batch of n takes about ${part(time.fixedMs)} + ${part(time.perIntentMs)} × n ms</text>
<circle class="our" cx="${left + 6}" cy="88" r="4"/><text x="${left + 19}" y="93">measured; dotted, what the line through all times makes of it</text>
<circle class="their" cx="${left + 560}" cy="88" r="4"/><text x="${left + 573}" y="93">the specification's, of another machine</text>
${[...grid, ...ticks].join('\n')}
<path class="fitted" d="${line(fitted)}"/>
<path class="theirs" d="${line(SPECIFIED)}"/>
<path class="ours" d="${line(ours)}"/>
${[...dots('their', SPECIFIED), ...dots('our', ours)].join('\n')}
<text class="middle" x="${left + width / 2}" y="${top + height + 54}">intents in a batch</text>
</svg>
`
}

/** The next greater number that is short, and so is a fifth of it. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10)
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
