import { MillraceError } from '@millrace/kernel'
import { holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readText } from './read-text.ts'

const RUNS = process.env.MILLRACE_SLOW ? 5000 : 100

const GOOD = `endpoints: { log: { type: log, config: { file: a } } }
notification_groups: { ops: [log] }
monitors:
  - name: api
    tags: [a, "b"]
    pulse_check: { type: http, interval: 30s, config: { url: http://h/, headers: { A: b } } }
    intervention: { action: docker, target: { container: c } }
    codes: { red: { notify_group: ops } }
    maintenance: [ { cron: "0 2 * * *", duration: 30m } ]
  - name: db
    pulse_check:
      type: tcp
      interval: 1m
      config: { host: h, port: 5432 }
`
const GOOD_JSON =
  '{"endpoints":{},"monitors":[{"name":"a","pulse_check":{"type":"tcp","interval":"1s","config":{"host":"h","port":1}}}]}'
const format = fc.constantFrom('yaml' as const, 'ndjson' as const, 'json' as const)
const chunkBytes = fc.constantFrom(1, 3, 64, 65_536)

/** A good manifest in which something is left out, put in, or put elsewhere. */
const mutated = fc
  .tuple(
    fc.constantFrom(GOOD, GOOD_JSON),
    fc.array(
      fc.tuple(
        fc.nat(600),
        fc.nat(30),
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom(
            '\t',
            '*',
            '&a ',
            '"',
            '{',
            ']',
            ': ',
            '\n',
            '- ',
            '\0',
            '<<: ',
            '|',
            `$\{X}`,
            '!!',
            '%',
            '---\n',
            '1e999',
            'null',
            `\${`,
            'file:/',
          ),
        ),
      ),
      { maxLength: 5 },
    ),
  )
  .map(([good, edits]) =>
    edits.reduce<string>((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), good),
  )

/** What reads as a monitor, and is made of values of every kind. */
const anything = fc.record(
  {
    name: fc.anything(),
    enabled: fc.anything(),
    tags: fc.anything(),
    pulse_check: fc.oneof(
      fc.anything(),
      fc.record({
        type: fc.constantFrom('http', 'tcp'),
        interval: fc.anything(),
        timeout: fc.anything(),
        max_failures: fc.anything(),
        config: fc.anything(),
      }),
    ),
    intervention: fc.oneof(
      fc.anything(),
      fc.record({ action: fc.constant('docker'), target: fc.anything(), timeout: fc.anything() }),
    ),
    codes: fc.oneof(
      fc.anything(),
      fc.dictionary(
        fc.constantFrom('red', 'green'),
        fc.oneof(fc.anything(), fc.record({ notify: fc.constant('log'), config: fc.anything() })),
      ),
    ),
    maintenance: fc.oneof(
      fc.anything(),
      fc.array(fc.record({ cron: fc.anything(), duration: fc.anything(), timezone: fc.anything() }), { maxLength: 2 }),
    ),
  },
  { requiredKeys: [] },
)

/** It ends, and says what is wrong as a manifest does; and it does so of all, but not of the last. */
async function ends(text: string | Uint8Array, kind: 'yaml' | 'ndjson' | 'json', size: number): Promise<boolean> {
  const { error, faults, told } = await readText(
    text,
    { format: kind, references: { environment: {}, readFile: () => 'x' } },
    size,
  )
  if (error !== undefined) expect(error).toBeInstanceOf(MillraceError)
  expect(error !== undefined).toBe(faults.faults > 0)
  for (const message of told) expect(message).toMatch(/\w/)
  return true
}

describe('whatever it is given, reading ends, and does not throw anything else', () => {
  it('bytes', () => holds(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), format, chunkBytes, ends), RUNS))

  it('a manifest that was damaged', () => holds(fc.asyncProperty(mutated, format, chunkBytes, ends), RUNS))

  it('monitors of any values', () =>
    holds(
      fc.asyncProperty(anything, (monitor) => {
        let line: string
        try {
          line = JSON.stringify({ monitor })
        } catch {
          return Promise.resolve(true)
        }
        return ends(line, 'ndjson', 65_536)
      }),
      RUNS,
    ))
})
