import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createBatchScheduler, createMemorySink, defineIntent } from '@millrace/intents'
import { expect, test } from 'vitest'
import { createIntentsMetrics } from '../../src/intents/serve/intents-metrics.ts'

test('every metric that an alert rule asks for is exposed', async () => {
  const rules = readFileSync(fileURLToPath(import.meta.resolve('@millrace/intents/alert-rules.yml')), 'utf8')
  const asked = new Set(
    rules.split('\n').flatMap((line) => (/^ *expr:/.test(line) ? (line.match(/millrace_[a-z0-9_]+/g) ?? []) : [])),
  )
  expect(asked.size).toBeGreaterThan(4)
  const move = defineIntent({
    type: 'move',
    target: { kind: 'insert', table: 'moves', columns: { x: 'int4' } },
    toRow: (payload: { x: number }) => payload,
  })
  await using scheduler = createBatchScheduler({ sink: createMemorySink(), intents: [move] })
  const exposed = await createIntentsMetrics(scheduler).text()
  for (const name of asked) expect(exposed).toContain(`# TYPE ${name} gauge`)
})
