/** An engine with more to check than it can, in a process of its own. Prints what became of it. */
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from '@millrace/kernel'
import {
  createKinds,
  createPulse,
  createSqliteStore,
  type InterventionKind,
  type Pulse,
  type PulseMetrics,
} from '../../packages/pulse/src/index.ts'
import { batchesOf, nameOf, numberOf, profileOf } from './monitors.ts'
import { startTargets } from './targets.ts'
import { isHeard, Watch } from './watch.ts'

export interface OverloadPlan {
  readonly monitors: number
  readonly intervalMs: number
  readonly warmUpMs: number
  readonly ms: number
  /** Every other check of some monitors fails, and is repaired at once. Slots that pass meanwhile are nobody's, so they are not counted up then. */
  readonly repairs: boolean
}

export interface OverloadOutcome {
  readonly checksPerSecond: number
  /** In the best second. */
  readonly peakPerSecond: number
  readonly started: number
  readonly skipped: number
  /** Checks that were not made, or came to nothing, by the engine's own fault. */
  readonly faults: number
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** From the end of the probe that failed to the beginning of the intervention. */
  readonly interventionMs: { readonly count: number; readonly p50: number; readonly p99: number }
  /** Slots that have passed, less checks that began and slots that are counted as skipped: nothing, without repairs. */
  readonly lostSlots: number
  /** Checks that began, less those whose end is counted, when all is over: nothing. */
  readonly lostChecks: number
  readonly rssMb: number
}

const HOSTS = 1000
/** As good as no limit: the storm breaker is not what is measured. */
const OPEN = 1_000_000

const plan = JSON.parse(process.argv[2]!) as OverloadPlan
await using targets = await startTargets({ hosts: HOSTS, moody: 0 })
using folder = mkdtempDisposableSync(join(tmpdir(), 'millrace-bench-pulse-'))
const startedAt = Date.now()
const failedAt = new Map<number, number>()
const interventionMs = new Histogram()
const repair: InterventionKind = {
  type: 'repair',
  parse: (fields) => fields.rest(),
  run: async (_, { monitor }) => {
    const at = failedAt.get(numberOf(monitor))
    if (at !== undefined) interventionMs.record(performance.now() - at)
    return { status: 'accepted' }
  },
}
const watch = new Watch(createKinds().checks.get('http')!, plan)
watch.onFailure = (monitor) => failedAt.set(monitor, performance.now())
const kinds = createKinds({ checks: [watch.kind], interventions: [repair] })
const fields = {
  pulse_check: {
    type: 'http',
    interval: plan.intervalMs / 1000,
    timeout: Math.min(5, plan.intervalMs / 1000),
    unhealthy_threshold: 1,
    healthy_threshold: 1,
    config: { url: 'http://127.0.0.1/', expected_status: [204] },
  },
}
const profiles = [
  await profileOf(kinds, fields),
  await profileOf(kinds, {
    ...fields,
    intervention: { action: 'repair', target: {}, cool_down: 0 },
  }),
]
const pulse = createPulse({
  kinds,
  store: createSqliteStore({ path: join(folder.path, 'state.sqlite') }),
  maxInterventions: OPEN,
  maxInterventionsPerMinute: OPEN,
  // One that fails every other time does not flap here.
  flapThresholds: { high: 101, low: 100 },
})
await pulse.load(
  batchesOf({ count: plan.monitors, hosts: HOSTS, port: targets.port }, profiles, (monitor) =>
    plan.repairs && isHeard(monitor) ? 1 : 0,
  ),
)
await pulse.start()
const first = nextSlots(pulse)
await sleep(plan.warmUpMs)
// What is compiled, and the first of all checks, are not what it is about.
interventionMs.reset()
const before = pulse.metrics
const peakPerSecond = await peakWithin(plan.ms)
const after = pulse.metrics
// What follows holds the thread up, and with it those that are on their way.
const dispatched = {
  count: interventionMs.count,
  p50: interventionMs.percentile(50),
  p99: interventionMs.percentile(99),
}
const { started, skipped } = after.checks
const passedSlots = (nextSlots(pulse) - first) / plan.intervalMs
const rssMb = process.memoryUsage.rss() / 1e6
const lostChecks = await lostAtTheEnd(pulse)
await pulse.stop()
console.log(
  JSON.stringify({
    checksPerSecond: ((started - before.checks.started) * 1000) / plan.ms,
    peakPerSecond,
    started: started - before.checks.started,
    skipped: skipped - before.checks.skipped,
    faults: ownFaults(after) - ownFaults(before),
    latenessMs: after.latenessMs,
    interventionMs: dispatched,
    lostSlots: passedSlots - started - skipped,
    lostChecks,
    rssMb,
  } satisfies OverloadOutcome),
)

async function peakWithin(ms: number): Promise<number> {
  let peak = 0
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const begun = performance.now()
    const before = pulse.metrics.checks.started
    await sleep(1000)
    peak = Math.max(peak, ((pulse.metrics.checks.started - before) * 1000) / (performance.now() - begun))
  }
  return peak
}

/** The times of the next slots of all, added up; from a time of today, so that the sum is exact. */
function nextSlots(of: Pulse): number {
  let sum = 0
  for (let monitor = 0; monitor < plan.monitors; monitor++) sum += of.find(nameOf(monitor))!.nextCheckAt! - startedAt
  return sum
}

function ownFaults({ checks }: PulseMetrics): number {
  return checks.faults + checks.recovered
}

/** Without monitors nothing begins any more: what did is counted somewhere. */
async function lostAtTheEnd(of: Pulse): Promise<number> {
  await of.load([])
  for (let tries = 0; tries < 100 && of.metrics.checks.underWay > 0; tries++) await sleep(100)
  const { checks } = of.metrics
  return (
    checks.started -
    (checks.passed + checks.failed + checks.warned + checks.faults + checks.fenced + checks.recovered + checks.underWay)
  )
}
