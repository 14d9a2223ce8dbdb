import { audit, type Fault } from './audit.ts'
import { type End, IN_FLIGHT } from './crash-client-order.ts'
import type { CrashDatabase } from './crash-database.ts'
import { isKeyed, type Keys } from './crash-intents.ts'
import { CrashProcess } from './crash-process.ts'
import type { Step } from './kill-plan.ts'
import type { Variant } from './mutants/variants.ts'

export interface SeriesOptions {
  readonly database: CrashDatabase
  readonly keys: Keys
  /** By client, how it is disturbed. */
  readonly plan: readonly (readonly Step[])[]
  /** One letter, of no other series on the database. */
  readonly prefix: string
  readonly variant?: Variant
}

export interface Series {
  readonly faults: readonly Fault[]
  readonly kills: Readonly<Record<Step['kill'], number>>
  /** What callers were told, over all clients. */
  readonly told: ReadonlyMap<string, End>
  readonly codes: ReadonlyMap<string, number>
}

/** Intents of a client that is killed: more than it can come to. */
const ENDLESS = 1_000_000
/** Of the last one, beside those it submits again. */
const LAST = 200

/**
 * Starts a client, disturbs it and kills it, starts the next, which submits again what nobody was told of, and so on through the plan; lets the
 * last one end. After each kill the database is held against what was told before it.
 */
export async function runSeries({ database, keys, plan, prefix, variant = 'real' }: SeriesOptions): Promise<Series> {
  const told = new Map<string, End>()
  const codes = new Map<string, number>()
  const kills = { client: 0, backend: 0, server: 0 }
  let again: number[] = []
  let from = 0
  await database.reset()

  for (const steps of [...plan, []]) {
    const to = from + (steps.length === 0 ? LAST : ENDLESS)
    // Whoever submits again what failed has to be told anew.
    for (const n of again) told.delete(`${prefix}${n}`)
    const client = new CrashProcess({ url: database.postgres.url, variant, keys, prefix, again, from, to })
    let faults: readonly Fault[] = []
    for (const step of steps) {
      await client.acknowledges(client.acknowledged + step.after)
      await new Promise((resolve) => setTimeout(resolve, step.waitMs))
      const before = new Map([...told, ...client.told])
      if (await strike(step, client, database)) kills[step.kill]++
      faults = audit(before, await database.effects())
      if (faults.length > 0) break
    }
    if (faults.length > 0) await client.kill()
    await client.ended()
    for (const [name, end] of client.told) told.set(name, end)
    for (const [code, times] of client.codes) codes.set(code, (codes.get(code) ?? 0) + times)
    if (faults.length === 0) faults = audit(told, await database.effects())
    if (faults.length > 0) return { faults, kills, told, codes }
    // What it drew and told nothing of is under way, or was when it died.
    const drawn = Math.min(to, from + client.told.size + 2 * IN_FLIGHT)
    again = [...again, ...Array.from({ length: drawn - from }, (_, at) => from + at)].filter((n) => {
      const end = told.get(`${prefix}${n}`)
      return isKeyed(n, keys) && end !== 'committed' && end !== 'duplicate'
    })
    from = drawn
  }
  const missing = again.map(
    (n) => `missing: ${prefix}${n} was submitted until the end, and told ${told.get(`${prefix}${n}`)}`,
  )
  return { faults: missing.slice(0, 5), kills, told, codes }
}

async function strike(step: Step, client: CrashProcess, database: CrashDatabase): Promise<boolean> {
  switch (step.kill) {
    case 'client':
      return client.kill()
    case 'server':
      await database.crash(step.how)
      return true
    case 'backend': {
      const pid = await database.findSession(step.state)
      return pid !== undefined && (await database.terminate(pid))
    }
  }
}
