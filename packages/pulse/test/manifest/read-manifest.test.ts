import { MillraceError } from '@millrace/kernel'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { readText } from './read-text.ts'

const EXAMPLE = `
endpoints: { ops-log: { type: log, config: { file: alerts.jsonl } }, hook: { type: webhook, config: { url: http://127.0.0.1/ } } }
notification_groups: { operators: [ops-log, hook] }
monitors:
  - name: api
    enabled: true
    tags: [prod]
    pulse_check: { type: http, interval: 30s, timeout: 5s, unhealthy_threshold: 3, healthy_threshold: 2,
                   config: { url: http://127.0.0.1:8080/health, method: GET, headers: {}, body: "", expected_status: [200], insecure_skip_verify: false } }
    intervention: { action: docker, target: { container: api, timeout: 10s } }
    codes: { red: { dispatch: true, notify_group: operators }, green: { notify: log, config: { file: alerts.jsonl } }, gray: { dispatch: false }, cyan: { notify: hook } }
    maintenance: [ { cron: "0 2 * * *", duration: 30m, timezone: UTC } ]
  # one more
  - name: db
    pulse_check: { type: tcp, interval: 1m, config: { host: db, port: 5432 } }
`

const asJson = () => load(EXAMPLE) as { monitors: object[]; endpoints: object; notification_groups: object }

describe('readManifest', () => {
  it('reads what a manifest says', async () => {
    const { monitors, told, warnings, error } = await readText(EXAMPLE)
    expect([told, warnings, error]).toEqual([[], [], undefined])
    const log = { type: 'log', endpoint: 'ops-log', config: { file: 'alerts.jsonl' } }
    const hook = { type: 'webhook', endpoint: 'hook', config: { url: 'http://127.0.0.1/', headers: {} } }
    expect(monitors).toEqual([
      {
        name: 'api',
        target: 'http://127.0.0.1:8080/health',
        line: 5,
        profile: {
          isEnabled: true,
          tags: ['prod'],
          check: {
            type: 'http',
            intervalMs: 30_000,
            timeoutMs: 5000,
            unhealthyThreshold: 3,
            healthyThreshold: 2,
            options: { method: 'GET', headers: {}, body: '', expectedStatus: [200], isInsecure: false },
          },
          intervention: {
            type: 'docker',
            timeoutMs: 30_000,
            coolDownMs: 300_000,
            target: { container: 'api', timeoutMs: 10_000 },
          },
          codes: { red: [log, hook], green: [{ type: 'log', config: { file: 'alerts.jsonl' } }], cyan: [hook] },
          maintenance: [{ cron: '0 2 * * *', durationMs: 1_800_000, timezone: 'UTC' }],
        },
      },
      {
        name: 'db',
        target: 'db:5432',
        line: 14,
        profile: {
          isEnabled: true,
          tags: [],
          check: {
            type: 'tcp',
            intervalMs: 60_000,
            timeoutMs: 5000,
            unhealthyThreshold: 3,
            healthyThreshold: 2,
            options: {},
          },
          codes: {},
          maintenance: [],
        },
      },
    ])
  })

  it('reads the same from NDJSON and from JSON, in chunks of any size', async () => {
    const { monitors } = await readText(EXAMPLE)
    const plain = monitors.map(({ line: _, ...monitor }) => monitor)
    const { monitors: list, ...definitions } = asJson()
    const document = JSON.stringify({ monitors: list, ...definitions }, undefined, 2)
    const lineOfDb = document.slice(0, document.indexOf('"name": "db"')).split('\n').length - 1
    const lines = [
      JSON.stringify(definitions),
      '',
      ...list.map((monitor, index) => JSON.stringify(index === 0 ? { monitor } : monitor)),
    ]
    for (const chunkBytes of [1, 7, 65_536]) {
      const ndjson = await readText(lines.join('\r\n'), { format: 'ndjson' }, chunkBytes)
      expect(ndjson.told).toEqual([])
      expect(ndjson.monitors.map(({ line: _, ...monitor }) => monitor)).toEqual(plain)
      expect(ndjson.monitors.map(({ line }) => line)).toEqual([3, 4])
      const json = await readText(document, { format: 'json' }, chunkBytes)
      expect(json.told).toEqual([])
      expect(json.monitors.map(({ line: _, ...monitor }) => monitor)).toEqual(plain)
      expect(json.monitors.map(({ line }) => line)).toEqual([3, lineOfDb])
    }
  })

  it('lets monitors that say the same share a profile', async () => {
    const one = (index: number, interval: string) =>
      JSON.stringify({
        name: `m${index}`,
        pulse_check: { type: 'http', interval, config: { url: `http://h/${index}` } },
      })
    const lines = Array.from({ length: 3000 }, (_, index) => one(index, index % 2 === 0 ? '1m' : '2m'))
    const { monitors, told } = await readText(lines.join('\n'), { format: 'ndjson' })
    expect(told).toEqual([])
    expect(new Set(monitors.map(({ profile }) => profile)).size).toBe(2)
    expect(monitors.map(({ name, target, profile, line }) => [name, target, profile.check.intervalMs, line])).toEqual(
      lines.map((_, index) => [`m${index}`, `http://h/${index}`, index % 2 === 0 ? 60_000 : 120_000, index + 1]),
    )
  })

  it('takes earlier forms, with a warning', async () => {
    const { monitors, told, warnings } = await readText(`monitors:
  - name: old
    pulse_check:
      type: tcp
      interval: 10s
      max_failures: 4
      config: { host: h, port: 1, retries: 3 }
    intervention:
      action: docker
      retries: 1
      target: { container: c }
`)
    expect(told).toEqual([])
    expect(monitors[0]?.profile.check.unhealthyThreshold).toBe(4)
    expect(warnings).toEqual([
      `line 10, monitor "old", intervention.retries: is of an earlier form and has no effect: use unhealthy_threshold to bear more failures, and delete it`,
      'line 6, monitor "old", pulse_check.max_failures: is of an earlier form: call it unhealthy_threshold',
      'line 7, monitor "old", pulse_check.config.retries: is of an earlier form and has no effect: use unhealthy_threshold to bear more failures, and delete it',
    ])
  })

  it('understands anchors and merges', async () => {
    const { monitors, told } = await readText(`
x-web: &web { type: http, interval: 30s, config: { url: http://a/ } }
monitors:
  - { name: a, pulse_check: *web }
  - name: b
    pulse_check:
      <<: *web
      interval: 1m
`)
    expect(told).toEqual([])
    expect(monitors.map(({ name, target, profile }) => [name, target, profile.check.intervalMs])).toEqual([
      ['a', 'http://a/', 30_000],
      ['b', 'http://a/', 60_000],
    ])
  })

  it('says all that is wrong at its end, and keeps secrets out of it', async () => {
    const environment = { TOKEN: 'sesame-open' }
    const text = `monitors:
  - name: shown
    pulse_check: { type: http, interval: 1s, timeout: 1s, config: { url: "http://h/?t=\${TOKEN}" } }
  - name: wrong
    pulse_check: { type: http, interval: 1s, timeout: 1s, config: { url: "\${TOKEN}" } }
`
    const { monitors, error, warnings } = await readText(text, { references: { environment } })
    expect(monitors.map(({ name }) => name)).toEqual(['shown'])
    expect(error).toBeInstanceOf(MillraceError)
    expect(error).toMatchObject({ code: 'MANIFEST_INVALID', detail: { count: 1 } })
    expect(`${error} ${JSON.stringify(error)} ${warnings}`).not.toContain('sesame')
    expect(String(error)).toContain(
      `the manifest has 1 fault:\n  line 5, monitor "wrong", pulse_check.config.url: must begin with http:// or https://, not "\${TOKEN}"`,
    )
    expect(warnings[0]).toContain('line 3, monitor "shown", pulse_check.config: has a reference in what is checked')
  })
})
