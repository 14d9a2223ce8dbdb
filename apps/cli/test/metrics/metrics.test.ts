import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BatchStatistics } from '@millrace/files'
import { expect, it } from 'vitest'
import { watchRoutes } from '../../src/control/routes.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { openMetricsServer } from '../../src/metrics/metrics-server.ts'
import { health, statistics } from '../made-up.ts'

function watched(now: () => BatchStatistics = () => statistics) {
  const source = { statistics: now, health: () => health }
  const metrics = createMetrics(source)
  return { ...source, metrics: async () => metrics, hear: metrics.hear, text: metrics.text }
}

it('tells the snapshot in the text format of Prometheus, in base units', async () => {
  const { text, hear } = watched()
  hear({ type: 'file-delivered', path: 'a.js', bytes: 1, ms: 2, worker: 0 })
  hear({ type: 'file-delivered', path: 'b.js', bytes: 1, ms: 700, worker: 0 })
  const said = await text()
  for (const line of [
    'millrace_files_discovered_total 25928',
    'millrace_files_delivered_total 14570',
    'millrace_files_quarantined 3',
    'millrace_files_processed_bytes_total 151000000',
    'millrace_files_worker_utilisation_ratio{worker="0"} 0.98',
    'millrace_files_worker_cpu_seconds_total{worker="1"} 6.71',
    `millrace_files_resident_memory_bytes ${512 * 1024 * 1024}`,
    'millrace_files_breaker_state{state="closed"} 1',
    'millrace_files_breaker_state{state="open"} 0',
    'millrace_files_paused 0',
    'millrace_files_eta_seconds 5.1',
    '# TYPE millrace_files_file_duration_seconds histogram',
    'millrace_files_file_duration_seconds_bucket{le="0.0025"} 1',
    'millrace_files_file_duration_seconds_count 2',
  ]) {
    expect(said).toContain(`${line}\n`)
  }
  expect(said).not.toMatch(/^(process|nodejs)_/m)
})

it('counts a counter once however often it is read, and forgets workers that are gone', async () => {
  let now = statistics
  const { text } = watched(() => now)
  await text()
  now = { ...statistics, delivered: 14_571, perWorker: statistics.perWorker.slice(1), etaSeconds: null }
  const said = await text()
  expect(said).toContain('millrace_files_delivered_total 14571\n')
  expect(said).not.toContain('worker="0"')
  expect(said).toContain('millrace_files_eta_seconds Nan\n')
})

it('keeps the metrics of two engines apart', async () => {
  const other = watched(() => ({ ...statistics, delivered: 1 }))
  expect(await watched().text()).toContain('millrace_files_delivered_total 14570\n')
  expect(await other.text()).toContain('millrace_files_delivered_total 1\n')
})

it('is served on a port of this machine, for reading only', async () => {
  using server = await openMetricsServer(0, watchRoutes(watched()))
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  expect(await (await fetch(server.url)).text()).toContain('millrace_files_workers 2\n')
  const at = (path: string) => new URL(path, server.url)
  expect(await (await fetch(at('/health'))).json()).toMatchObject({ status: 'ok' })
  expect((await fetch(at('/pause'), { method: 'POST' })).status).toBe(404)
  expect((await fetch(at('/statistics'))).status).toBe(404)
})

it('says which port cannot be had, and why', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  await expect(openMetricsServer(port, {})).rejects.toMatchObject({
    code: 'METRICS_UNAVAILABLE',
    message: `Port ${port} cannot be had for metrics: it is in use. Name another one, or 0 for any that is free.`,
  })
  taken.close()
})
