import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ALERT_THRESHOLDS, Alerts } from '../src/observe/alerts.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for: string | undefined
  readonly text: string
}

const { errorRate, errorRateMinutes, latencyMs, latencyMinutes, flushFailures, memory } = ALERT_THRESHOLDS
const rules = new Map(readRules().map((rule) => [rule.alert, rule]))

/** The rules of the file, which has a field a line, and only these two levels. */
function readRules(): Rule[] {
  const text = readFileSync(new URL('../alert-rules.yml', import.meta.url), 'utf8')
  return text
    .split(/^ {6}- /m)
    .slice(1)
    .map((part) => {
      const field = (name: string) => new RegExp(`^ *${name}: (.*)$`, 'm').exec(part)?.[1]
      return { alert: field('alert') ?? '', expr: field('expr') ?? '', for: field('for'), text: part }
    })
}

describe('alert-rules.yml', () => {
  test('has the alerts of health, by their names', () => {
    const alerts = new Alerts(() => {})
    for (let minute = 0; minute <= 10; minute++) {
      alerts.intents(minute * 60_000, 100, 100)
      alerts.latency.record(1000)
      alerts.batch(false)
    }
    expect([...rules.keys()]).toEqual(alerts.firing(11 * 60_000, 1))
  })

  test('has the thresholds of health', () => {
    expect(rules.get('MillraceIntentsErrorRate')).toMatchObject({
      expr: `millrace_intents_error_ratio > ${errorRate}`,
      for: `${errorRateMinutes}m`,
    })
    expect(rules.get('MillraceIntentsMemory')).toMatchObject({
      expr: ['items', 'bytes']
        .map((held) => `millrace_intents_held_${held} / millrace_intents_held_${held}_limit > ${memory}`)
        .join(' or '),
      for: undefined,
    })
    expect(rules.get('MillraceIntentsLatency')).toMatchObject({
      expr: `millrace_intents_latency_p95_seconds > ${latencyMs / 1000}`,
      for: `${latencyMinutes}m`,
    })
    expect(rules.get('MillraceIntentsFlushFailures')).toMatchObject({
      expr: `millrace_intents_failed_batches_in_a_row > ${flushFailures}`,
      for: undefined,
    })
  })

  test('says them in words', () => {
    expect(rules.get('MillraceIntentsErrorRate')!.text).toContain(
      `For ${errorRateMinutes} minutes more than ${100 * errorRate} %`,
    )
    const latency = rules.get('MillraceIntentsLatency')!.text
    expect(latency).toContain(`For ${latencyMinutes} minutes the 95th percentile`)
    expect(latency).toContain(`above ${latencyMs} ms`)
    expect(rules.get('MillraceIntentsFlushFailures')!.text).toContain(`More than ${flushFailures} batches in a row`)
  })
})
