import { Worker } from 'node:worker_threads'
import type { SimulateOptions, SimulateReport } from '../../src/simulate/simulate.ts'

export interface SeedsOptions {
  /** It ends after so many changes of states, in all. */
  readonly transitions: number
  /** A seed ends after so many checks. */
  readonly checks: number
  readonly threads: number
  readonly onReport?: (report: SimulateReport, transitions: number) => void
}

export interface SeedsReport {
  readonly seeds: number
  readonly checks: number
  readonly transitions: number
  /** Of the seeds that broke a promise. */
  readonly broken: readonly SimulateReport[]
}

/** The whole of a day, closer together: restarts and outages come as often as failures. */
const CROWDED = { storeOutages: 400, stalls: 400, clockJumps: 1000, crashes: 1000, restarts: 500, reloads: 1000 }

/** Of each seed a world of its own: few monitors and many, calm targets and restless ones, with an alert cool-down and without. */
export function worldOf(seed: number): SimulateOptions {
  const monitors = [60, 150, 600, 3000][seed % 4]!
  const restless = seed % 3 === 0 ? { falls: 0.4, heals: 0.5 } : {}
  const crowded = seed % 5 === 0 ? CROWDED : {}
  const pulse = { alertCoolDownMs: seed % 2 === 0 ? 0 : 5000 }
  return { seed, monitors, pulse, faults: { ...restless, ...crowded } }
}

/** Simulates one seed after another, on threads, until states have changed so often or a promise is broken. */
export async function simulateSeeds(options: SeedsOptions): Promise<SeedsReport> {
  const { transitions, checks, threads, onReport } = options
  const sums = { seeds: 0, checks: 0, transitions: 0 }
  const broken: SimulateReport[] = []
  let seed = 0
  const isOver = () => sums.transitions >= transitions || broken.length > 0
  const work = async () => {
    const thread = new Worker(new URL('./seeds-thread.ts', import.meta.url))
    while (!isOver()) {
      const report = await answerOf(thread, { seed: ++seed, checks })
      sums.seeds++
      sums.checks += report.checks + report.calmChecks
      sums.transitions += report.transitions
      if (report.violations.length > 0) broken.push(report)
      onReport?.(report, sums.transitions)
    }
    await thread.terminate()
  }
  await Promise.all(Array.from({ length: threads }, work))
  return { ...sums, broken }
}

function answerOf(thread: Worker, order: { readonly seed: number; readonly checks: number }): Promise<SimulateReport> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('message', (report: SimulateReport) => {
      thread.off('error', reject)
      resolve(report)
    })
    thread.postMessage(order)
  })
}
