import { fileURLToPath } from 'node:url'
import { quantile } from '../harness/median.ts'
import { runCommand } from '../harness/run-command.ts'
import type { Explosion } from './explosion.ts'
import type { MassOutcome, MassPlan } from './mass-run.ts'

const BOUND_S = 120
const script = fileURLToPath(new URL('./mass-run.ts', import.meta.url))

/** Runs explosions in a process of their own. */
export async function massInProcess(plan: MassPlan): Promise<MassOutcome> {
  const args = [...process.execArgv, script, JSON.stringify(plan)]
  const { end, stdout, stderr } = await runCommand(process.execPath, args, { cwd: process.cwd(), boundS: BOUND_S })
  if (end !== 'code 0') throw new Error(`${plan.kind}: ended with ${end}: ${stderr}`)
  return JSON.parse(stdout) as MassOutcome
}

/** What a few explosions came to, taken together. */
export interface MassFigures {
  readonly frames: number
  /** Of the main thread, per frame, on the wall. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly meanMs: number
  /** Of the frame in which all were broken, the median. */
  readonly firstMs: number
  /** Of the main thread, per frame, without what the system gave to other threads meanwhile. */
  readonly p99ProcessorMs: number
  readonly p50ProcessorMs: number
  /** From the call until the debris was in the scene. */
  readonly latencyP50Ms: number
  readonly latencyP99Ms: number
}

export function figuresOf(explosions: readonly Explosion[]): MassFigures {
  const frames = explosions.flatMap((one) => one.frames)
  const busy = frames.map(({ busyMs }) => busyMs)
  const processor = frames.map(({ processorMs }) => processorMs)
  const latencies = explosions.flatMap((one) => one.latencies)
  return {
    frames: frames.length,
    p50Ms: quantile(busy, 0.5),
    p95Ms: quantile(busy, 0.95),
    p99Ms: quantile(busy, 0.99),
    meanMs: busy.reduce((sum, ms) => sum + ms, 0) / busy.length,
    firstMs: quantile(
      explosions.map(({ frames: [first] }) => first!.busyMs),
      0.5,
    ),
    p99ProcessorMs: quantile(processor, 0.99),
    p50ProcessorMs: quantile(processor, 0.5),
    latencyP50Ms: quantile(latencies, 0.5),
    latencyP99Ms: quantile(latencies, 0.99),
  }
}
