import type { Percentiles, Pulse, PulseMetrics } from '@millrace/pulse'
import type { PulseMetricsText } from '@millrace/pulse/http'
import { Counter, Gauge, Registry } from 'prom-client'

type Read = (metrics: PulseMetrics) => number
type ReadEach = (metrics: PulseMetrics) => Readonly<Record<string, number>>

/** Metrics of one pulse as Prometheus reads them, in a registry of their own. They are read from it when they are asked for, once for all of them. */
export function createPulseMetrics(pulse: Pick<Pulse, 'metrics' | 'health'>): PulseMetricsText {
  const registry = new Registry()
  const registers = [registry]
  let { metrics } = pulse

  const nameOf = (name: string) => `millrace_pulse_${name}`
  const gauge = (name: string, help: string, read: Read) =>
    new Gauge({
      ...{ name: nameOf(name), help, registers },
      collect() {
        this.set(read(metrics))
      },
    })
  const counter = (name: string, help: string, read: Read) =>
    new Counter({
      ...{ name: nameOf(name), help, registers },
      collect() {
        this.reset()
        this.inc(read(metrics))
      },
    })
  const gauges = (name: string, help: string, label: string, read: ReadEach) =>
    new Gauge({
      ...{ name: nameOf(name), help, registers, labelNames: [label] },
      collect() {
        for (const [key, value] of Object.entries(read(metrics))) this.set({ [label]: key }, value)
      },
    })
  const counters = (name: string, help: string, label: string, read: ReadEach) =>
    new Counter({
      ...{ name: nameOf(name), help, registers, labelNames: [label] },
      collect() {
        this.reset()
        for (const [key, value] of Object.entries(read(metrics))) this.inc({ [label]: key }, value)
      },
    })
  const distribution = (name: string, help: string, read: (metrics: PulseMetrics) => Percentiles) => {
    gauges(`${name}_seconds`, `${help} Percentiles of the last one to two minutes.`, 'quantile', (now) => {
      const { p50, p90, p99 } = read(now)
      return { '0.5': p50 / 1000, '0.9': p90 / 1000, '0.99': p99 / 1000 }
    })
    gauge(`${name}_seconds_max`, `${help} The most in the last one to two minutes.`, (now) => read(now).max / 1000)
    counter(`${name}_seconds_count`, `${help} How many since the start.`, (now) => read(now).count)
    counter(`${name}_seconds_sum`, `${help} Their sum since the start.`, (now) => read(now).sum / 1000)
  }

  gauges('monitors', 'Monitors in each state.', 'state', ({ byState }) => byState)
  counter('checks_started_total', 'Checks that were begun.', ({ checks }) => checks.started)
  counters('checks_total', 'Checks by how they ended.', 'verdict', ({ checks }) => {
    const { passed, failed, warned, faults } = checks
    return { passed, failed, warned, fault: faults }
  })
  counter('checks_fenced_total', 'Results that came too late to count.', ({ checks }) => checks.fenced)
  counter('checks_recovered_total', 'Checks that never ended, and were found.', ({ checks }) => checks.recovered)
  counter('slots_skipped_total', 'Slots in which no check was begun.', ({ checks }) => checks.skipped)
  gauge('checks_under_way', 'Checks under way.', ({ checks }) => checks.underWay)
  gauge('checks_waiting', 'Checks that are due and wait for room.', ({ checks }) => checks.waiting)
  gauge('batch_size', 'Checks in a batch of the dispatcher.', ({ batchSize }) => batchSize)
  distribution('lateness', 'From the time a check was due to its beginning.', ({ latenessMs }) => latenessMs)
  distribution('latency', 'Checks that passed.', ({ latencyMs }) => latencyMs)
  distribution(
    'intervention_delay',
    'From a result to the intervention it asks for.',
    ({ interventionDelayMs }) => interventionDelayMs,
  )
  counters('interventions_total', 'Interventions by how they ended.', 'outcome', ({ interventions }) => {
    const { accepted, refused, unknown } = interventions
    return { accepted, refused, unknown }
  })
  gauge('interventions_under_way', 'Interventions under way.', ({ interventions }) => interventions.underWay)
  gauge('interventions_waiting', 'Interventions that wait.', ({ interventions }) => interventions.waiting)
  gauge('intervention_storm', 'Whether the storm breaker holds interventions back: 1 or 0.', ({ interventions }) =>
    Number(interventions.isStorm),
  )
  counter('alerts_delivered_total', 'Alerts that were delivered.', ({ alerts }) => alerts.delivered)
  counter('alerts_retried_total', 'Attempts to deliver an alert that failed.', ({ alerts }) => alerts.retried)
  counter('alerts_dead_total', 'Alerts that were given up.', ({ alerts }) => alerts.dead)
  counter('alerts_suppressed_total', 'Alerts nobody was to be told of.', ({ alerts }) => alerts.suppressed)
  gauge('alerts_waiting', 'Alerts that have not been delivered yet.', ({ alerts }) => alerts.waiting)
  gauge('healthy', 'Whether it runs, state is kept, checks can be made, and the dead-man ping is heard: 1 or 0.', () =>
    Number(pulse.health.isHealthy),
  )

  return {
    contentType: registry.contentType,
    text() {
      metrics = pulse.metrics
      return registry.metrics()
    },
  }
}
