import type { BatchProcessingEngine, EngineEvent } from '@millrace/files'
import type { WatchedJob } from '../control/routes.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** An engine as those see it who watch it, over the socket and over `--metrics`. */
export interface EngineWatch extends WatchedJob {
  /** Told every event of the engine. */
  hear(event: EngineEvent): void
}

/** Loads the metrics only when they are asked for: most jobs never are, and what makes them takes long to load. */
export function watchEngine(engine: BatchProcessingEngine): EngineWatch {
  const statistics = () => engine.getProcessingStatistics()
  const health = () => engine.health()
  let loading: Promise<Metrics> | undefined
  let loaded: Metrics | undefined
  const load = async () => {
    const { createMetrics } = await import('../metrics/metrics.ts')
    loaded = createMetrics({ statistics, health })
    return loaded
  }
  return {
    statistics,
    health,
    metrics: () => (loading ??= load()),
    hear: (event) => loaded?.hear(event),
  }
}
