/** An engine, or none, in a process of its own. Prints what it holds. */
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface MemoryPlan {
  /** Nothing but Node; an engine without monitors; one that checks those of a manifest. */
  readonly what: 'bare' | 'empty' | 'running'
  readonly path?: string
  readonly ms: number
}

export interface MemoryOutcome {
  /** As it is. */
  readonly rssMb: number
  /** After a collection that gives back what is free. */
  readonly collectedRssMb: number
  readonly checks: number
}

const SAMPLES = 20

const { what, path, ms } = JSON.parse(process.argv[2]!) as MemoryPlan
console.log(JSON.stringify(await (what === 'bare' ? rest(() => 0) : run())))

async function run(): Promise<MemoryOutcome> {
  // Bare Node has none of this.
  const { createKinds, createPulse, createSqliteStore, readManifest } = await import('@millrace/pulse')
  using folder = mkdtempDisposableSync(join(tmpdir(), 'millrace-bench-pulse-'))
  const kinds = createKinds()
  await using pulse = createPulse({ kinds, store: createSqliteStore({ path: join(folder.path, 'state.sqlite') }) })
  if (path !== undefined) await pulse.load(readManifest(path, { kinds }))
  await pulse.start()
  return await rest(() => pulse.metrics.checks.passed)
}

async function rest(checks: () => number): Promise<MemoryOutcome> {
  const samples: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    await sleep(ms / SAMPLES)
    samples.push(rssMb())
  }
  // The second half: until then it begins.
  const rss = Math.max(...samples.slice(SAMPLES / 2))
  globalThis.gc?.()
  // V8 keeps pages that it does not use any more for a while; this gives them back.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return { rssMb: rss, collectedRssMb: rssMb(), checks: checks() }
}

function rssMb(): number {
  return process.memoryUsage.rss() / 1e6
}
