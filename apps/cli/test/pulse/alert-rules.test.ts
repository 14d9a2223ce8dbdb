import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createPulseMetrics } from '../../src/pulse/api/pulse-metrics.ts'
import { pulseMetrics } from './made-up-pulse.ts'

test('every metric and every label that an alert rule asks for is exposed', async () => {
  const rules = readFileSync(fileURLToPath(import.meta.resolve('@millrace/pulse/alert-rules.yml')), 'utf8')
  const expressions = rules.split('\n').filter((line) => /^ *expr:/.test(line))
  const asked = expressions.flatMap((line) => line.match(/millrace_[a-z0-9_]+(\{[^}]*\})?/g) ?? [])
  expect(asked.length).toBeGreaterThan(9)
  const health = { isHealthy: true, reasons: [] }
  const exposed = `\n${await createPulseMetrics({ metrics: pulseMetrics, health }).text()}`
  for (const name of asked) {
    expect(exposed).toContain(`\n${name}${name.endsWith('}') ? ' ' : ''}`)
    // What an expression takes the rate of is a counter.
    const type = exposed.match(new RegExp(`# TYPE ${name.replace(/\{.*/, '')} (\\w+)`))![1]
    expect(
      expressions.some((line) => new RegExp(`(rate|increase)\\(${name.replace(/[{}]/g, '\\$&')}`).test(line)),
    ).toBe(type === 'counter')
  }
})
