import { randomFrom } from '@millrace/kernel/test/property'
import type { SessionState } from './crash-database.ts'

/** What is ended: the process with the scheduler, one of its sessions at the server, or the server. */
export type Kill =
  | { readonly kill: 'client' }
  | { readonly kill: 'backend'; readonly state: SessionState }
  | { readonly kill: 'server'; readonly how: 'immediate' | 'kill' }

/** A kill, when so many more were acknowledged, and so many ms later. */
export type Step = Kill & { readonly after: number; readonly waitMs: number }

export interface PlanScale {
  /** Processes with a scheduler, one after the other, each of which is killed. */
  readonly clients: number
  /** Kills of each but its own. */
  readonly kills: number
}

const STATES: readonly SessionState[] = ['any', 'active', 'committing', 'committing']

/** By client, how its run is disturbed: sessions ended, once in a series the server, and last itself. The same seed gives the same plan. */
export function planSeries(seed: number, { clients, kills }: PlanScale): readonly (readonly Step[])[] {
  const random = randomFrom(seed)
  const below = (bound: number) => Math.floor(random() * bound)
  const crashed = below(clients * kills)
  return Array.from({ length: clients }, (_, client) =>
    Array.from({ length: kills + 1 }, (_, at): Step => {
      const moment = { after: 20 + below(180), waitMs: random() * 6 }
      if (at === kills) return { kill: 'client', ...moment }
      if (client * kills + at !== crashed) return { kill: 'backend', state: STATES[below(STATES.length)]!, ...moment }
      return { kill: 'server', how: random() < 0.5 ? 'immediate' : 'kill', ...moment }
    }),
  )
}
