import type { RuntimeConfig } from '@millrace/files'
import { MillraceError } from '@millrace/kernel'
import { controlRoutes, type Routes, type SteeredEngine, type WatchedJob } from '../../src/control/routes.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { health, statistics } from '../made-up.ts'

/** An engine that notes what it is told, in the place of one at work. */
export class Steered implements SteeredEngine {
  readonly told: unknown[] = []
  paused = false

  pause(): void {
    this.paused = true
  }

  continue(): void {
    this.paused = false
  }

  configure(changes: RuntimeConfig): void {
    this.told.push(changes)
  }

  async retryQuarantined(paths?: readonly string[]): Promise<number> {
    this.told.push(paths)
    if (paths?.includes('gone.js') === true) {
      throw new MillraceError('QUARANTINE_UNKNOWN', 'gone.js is not in quarantine.')
    }
    return paths?.length ?? 12
  }

  health() {
    return this.paused ? { ...health, status: 'paused' as const, reasons: ['Paused: the user paused it.'] } : health
  }

  get routes(): Routes {
    const watched: WatchedJob = {
      statistics: () => ({ ...statistics, paused: this.paused ? 'the user paused it' : null }),
      health: () => this.health(),
      metrics: async () => createMetrics(watched),
    }
    return controlRoutes(this, watched)
  }
}
