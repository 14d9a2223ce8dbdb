/** An engine that checks real targets on time, in a process of its own. Prints what was seen of it. */
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKinds, createPulse, createSqliteStore } from '../../packages/pulse/src/index.ts'
import { batchesOf, profileOf } from './monitors.ts'
import { startTargets } from './targets.ts'
import { Watch, type Window } from './watch.ts'

export interface LoadPlan {
  readonly monitors: number
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly warmUpMs: number
  readonly windowMs: number
  readonly windows: number
  /** In every other window a tenth of the targets hangs. */
  readonly hangs: boolean
}

export interface SeenWindow {
  readonly isHanging: boolean
  readonly slots: number
  /** Slots in which a check began, less checks that were not made by the engine's own fault. */
  readonly served: number
  readonly failed: number
  readonly checksPerSecond: number
  readonly latenessMs: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number }
  readonly resultMs: { readonly mean: number; readonly p99: number }
  /** Of one core, %. */
  readonly cpuPercent: number
  readonly rssMb: number
}

const HOSTS = 1000
const MOODY = HOSTS / 10
const MB = 1e6
/** After the last window: until what was due in it has begun. */
const GRACE_MS = 5000
const LOOK_EVERY_MS = 100

const plan = JSON.parse(process.argv[2]!) as LoadPlan
await using targets = await startTargets({ hosts: HOSTS, moody: MOODY })
using folder = mkdtempDisposableSync(join(tmpdir(), 'millrace-bench-pulse-'))
const isMoody = (monitor: number) => monitor % HOSTS < MOODY
const plain = createKinds()
const watch = new Watch(plain.checks.get('http')!, {
  monitors: plan.monitors,
  intervalMs: plan.intervalMs,
  isAside: (monitor) => plan.hangs && isMoody(monitor),
})
const kinds = createKinds({ checks: [watch.kind] })
const profile = await profileOf(kinds, {
  pulse_check: {
    type: 'http',
    interval: plan.intervalMs / 1000,
    timeout: plan.timeoutMs / 1000,
    unhealthy_threshold: 2,
    healthy_threshold: 1,
    config: { url: 'http://127.0.0.1/', expected_status: [204] },
  },
})
const store = createSqliteStore({ path: join(folder.path, 'state.sqlite') })
await using pulse = createPulse({ kinds, store })
pulse.onChange(watch.changed)
await pulse.load(batchesOf({ count: plan.monitors, hosts: HOSTS, port: targets.port }, [profile]))
await pulse.start()
await sleep(plan.warmUpMs)
const seen: (() => SeenWindow)[] = []
for (let number = 0; number < plan.windows; number++) {
  const isHanging = plan.hangs && number % 2 === 1
  if (plan.hangs && number > 0) {
    await targets.hang(isHanging)
    // Until as many hang as will, or the last one has let go.
    await sleep(plan.timeoutMs)
  }
  seen.push(await see(isHanging))
}
for (let waited = 0; waited < GRACE_MS && !watch.isDone; waited += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS)
console.log(JSON.stringify(seen.map((figures) => figures())))

async function see(isHanging: boolean): Promise<() => SeenWindow> {
  const window = watch.open(plan.windowMs)
  const before = process.cpuUsage()
  await sleep(plan.windowMs)
  const { user, system } = process.cpuUsage(before)
  const rssMb = process.memoryUsage.rss() / MB
  return () => ({ isHanging, ...figuresOf(window), cpuPercent: (user + system) / 10 / plan.windowMs, rssMb })
}

function figuresOf({ slots, begun, faults, failed, latenessMs, resultMs }: Window) {
  return {
    slots,
    served: begun - faults,
    failed,
    checksPerSecond: (begun * 1000) / plan.windowMs,
    latenessMs: {
      mean: latenessMs.mean,
      p50: latenessMs.percentile(50),
      p99: latenessMs.percentile(99),
      max: latenessMs.max,
    },
    resultMs: { mean: resultMs.mean, p99: resultMs.percentile(99) },
  }
}
