import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKinds, readManifest } from '../../packages/pulse/src/index.ts'
import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'

const MONITORS = 1_000_000
const QUICK_MONITORS = 50_000
/** What was promised for a million. */
const NDJSON_S = 10
const YAML_S = 30

const HEAD = {
  endpoints: { 'ops-log': { type: 'log', config: { file: 'alerts.jsonl' } } },
  notification_groups: { operators: ['ops-log'] },
}

const YAML_HEAD = `${Object.entries(HEAD)
  .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  .join('\n')}\nmonitors:\n`

/** How long does it take to read a manifest, faults and duplicates looked for? From a file of about 200 bytes a monitor. */
export default async function manifest(bench: Bench): Promise<void> {
  const monitors = bench.quick ? QUICK_MONITORS : MONITORS
  const share = monitors / MONITORS
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  try {
    const [ndjson, yaml] = [join(folder, 'monitors.ndjson'), join(folder, 'monitors.yaml')]
    await write(ndjson, `${JSON.stringify(HEAD)}\n`, monitors, jsonOf)
    await write(yaml, YAML_HEAD, monitors, yamlOf)
    const seconds = { ndjson: [] as number[], parse: [] as number[], yaml: [] as number[] }
    for (let round = 0; round < (bench.quick ? 3 : 1); round++) {
      seconds.ndjson.push(await secondsOf(() => load(ndjson, monitors)))
      seconds.parse.push(await secondsOf(() => parseLines(ndjson)))
      seconds.yaml.push(await secondsOf(() => load(yaml, monitors)))
    }
    bench.report([
      rowAgainst(`manifest/${monitors}-from-ndjson`, 's', seconds.ndjson, NDJSON_S * share),
      rowBeside(`manifest/${monitors}-from-ndjson`, 's', seconds.ndjson, {
        name: 'JSON.parse alone',
        values: seconds.parse,
      }),
      rowAgainst(`manifest/${monitors}-from-yaml`, 's', seconds.yaml, YAML_S * share),
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

async function load(path: string, expected: number): Promise<void> {
  const kinds = createKinds()
  let count = 0
  for await (const { lines } of readManifest(path, { kinds })) count += lines.length
  if (count !== expected) throw new Error(`${count} of ${expected} monitors were read`)
}

async function parseLines(path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  for (const line of lines) if (line !== '') JSON.parse(line)
}

async function write(path: string, head: string, count: number, textOf: (index: number) => string): Promise<void> {
  const file = createWriteStream(path)
  file.write(head)
  for (let index = 0; index < count; ) {
    let text = ''
    for (const end = Math.min(count, index + 10_000); index < end; index++) text += textOf(index)
    if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', resolve))
  }
  await new Promise<void>((resolve, reject) => file.on('error', reject).end(() => resolve()))
}

function jsonOf(index: number): string {
  const pulse_check = { type: 'http', interval: '2m', timeout: '5s', config: { url: urlOf(index) } }
  return `${JSON.stringify({ name: `service-${index}`, tags: ['prod'], pulse_check, codes: { red: { notify_group: 'operators' } } })}\n`
}

function yamlOf(index: number): string {
  return `  - name: service-${index}
    tags: [prod]
    pulse_check:
      type: http
      interval: 2m
      timeout: 5s
      config:
        url: ${urlOf(index)}
    codes:
      red: { notify_group: operators }
`
}

function urlOf(index: number): string {
  return `http://10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:8080/health`
}
