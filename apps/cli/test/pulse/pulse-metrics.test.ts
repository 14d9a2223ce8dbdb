import { expect, it } from 'vitest'
import { createPulseMetrics } from '../../src/pulse/api/pulse-metrics.ts'
import { pulseMetrics } from './made-up-pulse.ts'

it('tells all that a pulse counts, in base units, as it is when it is asked', async () => {
  const source = { metrics: pulseMetrics, health: { isHealthy: true, reasons: [] as string[] } }
  const { text, contentType } = createPulseMetrics(source)
  const said = await text()
  for (const line of [
    'millrace_pulse_monitors{state="up"} 99987',
    'millrace_pulse_monitors{state="maintenance"} 0',
    'millrace_pulse_checks_started_total 5100',
    'millrace_pulse_checks_total{verdict="passed"} 5000',
    'millrace_pulse_checks_total{verdict="fault"} 3',
    'millrace_pulse_checks_fenced_total 4',
    'millrace_pulse_checks_recovered_total 1',
    'millrace_pulse_slots_skipped_total 12',
    'millrace_pulse_checks_under_way 45',
    'millrace_pulse_checks_waiting 6',
    'millrace_pulse_batch_size 100',
    'millrace_pulse_lateness_seconds{quantile="0.99"} 0.0024',
    'millrace_pulse_lateness_seconds_max 0.041',
    'millrace_pulse_latency_seconds_count 5000',
    'millrace_pulse_latency_seconds_sum 17.5',
    'millrace_pulse_intervention_delay_seconds{quantile="0.5"} Nan',
    'millrace_pulse_interventions_total{outcome="accepted"} 3',
    'millrace_pulse_interventions_under_way 1',
    'millrace_pulse_intervention_storm 0',
    'millrace_pulse_alerts_delivered_total 14',
    'millrace_pulse_alerts_retried_total 5',
    'millrace_pulse_alerts_dead_total 1',
    'millrace_pulse_alerts_suppressed_total 7',
    'millrace_pulse_alerts_waiting 2',
    'millrace_pulse_healthy 1',
  ])
    expect(said).toContain(`\n${line}\n`)
  expect(contentType).toMatch(/^text\/plain/)
  source.metrics = { ...pulseMetrics, checks: { ...pulseMetrics.checks, started: 5200 } }
  source.health = { isHealthy: false, reasons: ['state is not kept'] }
  const later = await text()
  expect(later).toContain('\nmillrace_pulse_checks_started_total 5200\n')
  expect(later).toContain('\nmillrace_pulse_healthy 0\n')
})
