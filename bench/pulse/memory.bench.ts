import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TimingWheel } from '@millrace/kernel'
import { MonitorTable } from '../../packages/pulse/src/monitors/monitor-table.ts'
import { NameIndex } from '../../packages/pulse/src/monitors/name-index.ts'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { collectAll } from '../harness/memory.ts'
import { rowAgainst } from '../harness/row.ts'
import { runCommand } from '../harness/run-command.ts'
import { inProcess } from './in-process.ts'
import { writeManifest } from './manifest-file.ts'
import type { MemoryOutcome, MemoryPlan } from './memory-run.ts'
import { type Monitors, nameOf, urlOf } from './monitors.ts'
import { startTargets } from './targets.ts'

const MANY = 1_000_000
const FEW = 10_000
const HOSTS = 1000
const MANY_MS = 120_000
const FEW_MS = 30_000
const MOST_BYTES = 300
const MOST_HOT_BYTES = 64
/** The specification's 50 MiB. */
const MOST_MB = 52.4
/** No room is left unused in columns that double. */
const FULL = 2 ** 20
const GC = ['--expose-gc']
const BUILD_S = 300

/**
 * What does an engine hold, beyond what Node does by itself; and what does each monitor add to it, beyond its own name and URL? Each in processes of
 * its own, with the store, checking real targets; the monitors come from a manifest.
 */
export default async function memory(bench: Bench): Promise<void> {
  await using targets = await startTargets({ hosts: HOSTS, moody: 0 })
  await using folder = await mkdtempDisposable(join(tmpdir(), 'millrace-bench-pulse-'))
  const place = { hosts: HOSTS, port: targets.port }
  const few = join(folder.path, 'few.ndjson')
  const many = join(folder.path, 'many.ndjson')
  await write(few, { ...place, count: FEW }, FEW_MS)
  await write(many, { ...place, count: MANY }, MANY_MS)

  // As it is published: what strips types from sources holds more than all the rest.
  const built = await runCommand(process.execPath, ['checks/build.ts'], { cwd: process.cwd(), boundS: BUILD_S })
  if (built.end !== 'code 0') throw new Error(`checks/build.ts ended with ${built.end}: ${built.stderr}`)
  const ms = bench.quick ? 4000 : 30_000
  const runs: Record<string, MemoryOutcome[]> = { bare: [], empty: [], few: [], many: [] }
  // Once for nothing: what is compiled is kept, and loaded from then on.
  await run({ what: 'empty', ms: 100 })
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    runs.bare!.push(await run({ what: 'bare', ms: 1000 }))
    runs.empty!.push(await run({ what: 'empty', ms: 1000 }))
    runs.few!.push(await run({ what: 'running', path: few, ms }))
    runs.many!.push(await run({ what: 'running', path: many, ms }))
  }
  const rss = (which: string) => runs[which]!.map(({ rssMb }) => rssMb)
  const collected = (which: string) => runs[which]!.map(({ collectedRssMb }) => collectedRssMb)
  const beyond = (these: number[], those: number[]) => these.map((mb, round) => Math.max(0.1, mb - those[round]!))
  const texts = textBytes({ ...place, count: MANY })
  const bytes = (values: number[]) => values.map((mb) => (mb * 1e6 - texts) / MANY)
  bench.report([
    rowAgainst(
      'memory/a-monitor-of-1000000',
      'bytes',
      bytes(beyond(collected('many'), collected('empty'))),
      MOST_BYTES,
    ),
    rowAgainst('memory/hot-state-of-a-monitor', 'bytes', [hotBytes()], MOST_HOT_BYTES),
    rowAgainst('memory/empty-beyond-node', 'MB', beyond(rss('empty'), rss('bare')), MOST_MB),
    rowAgainst('memory/10000-monitors-beyond-node', 'MB', beyond(rss('few'), rss('bare')), MOST_MB),
  ])
  const line = (which: string, words: string) =>
    `| ${[words, median(rss(which)).toFixed(0), median(collected(which)).toFixed(0), median(runs[which]!.map(({ checks }) => checks))].join(' | ')} |`
  bench.tell(
    [
      `RSS. A monitor has ${(texts / MANY).toFixed(0)} bytes of name and URL; without a collection, each of a million holds ${median(bytes(beyond(rss('many'), rss('empty')))).toFixed(0)} bytes beyond them.`,
      '',
      '| process | MB, as it is | MB, after a collection that gives back what is free | checks that passed |',
      '| --- | --- | --- | --- |',
      line('bare', 'Node'),
      line('empty', 'an engine without monitors'),
      line('few', '10,000 monitors, one check each in 30 s'),
      line('many', '1,000,000 monitors, one check each in 120 s'),
    ].join('\n'),
  )
}

function run(plan: MemoryPlan): Promise<MemoryOutcome> {
  return inProcess<MemoryOutcome>('./memory-run.ts', plan, GC)
}

function write(path: string, monitors: Monitors, intervalMs: number): Promise<void> {
  const { count } = monitors
  return writeManifest(path, {
    form: 'ndjson',
    monitors: count,
    intervalMs,
    nameOf,
    urlOf: (at) => urlOf(at, monitors),
  })
}

function textBytes(monitors: Monitors): number {
  let bytes = 0
  for (let at = 0; at < monitors.count; at++) bytes += nameOf(at).length + urlOf(at, monitors).length
  return bytes
}

/** What is read and written when a monitor is checked: its columns, and its place in the wheel. Counted as memory of arrays, less texts and the index of names. */
function hotBytes(): number {
  const text = Buffer.from('0123456')
  const columns = arrayBytes(() => {
    const table = new MonitorTable()
    for (let number = 0; number < FULL; number++) {
      text.writeUInt32LE(number, 1)
      table.add(text, text.length, 0)
    }
    return table
  })
  const index = arrayBytes(() => {
    const names = new NameIndex(
      () => false,
      (number) => number * 2_654_435_761,
    )
    for (let number = 0; number < FULL; number++) names.add(number, number * 2_654_435_761)
    return names
  })
  const wheel = arrayBytes(() => {
    const slots = new TimingWheel()
    for (let slot = 0; slot < FULL; slot++) slots.schedule(slot, slot)
    return slots
  })
  return (columns - index + wheel) / FULL - text.length
}

let kept: object | undefined

function arrayBytes(fill: () => object): number {
  kept = undefined
  collectAll()
  const before = process.memoryUsage().arrayBuffers
  kept = fill()
  collectAll()
  return kept === undefined ? 0 : process.memoryUsage().arrayBuffers - before
}
