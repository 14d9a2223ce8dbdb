import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import type { ManifestOptions } from '../../src/manifest/read-manifest.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import { KINDS } from './kinds.ts'
import { readText } from './read-text.ts'

/** A monitor of which only some is wrong. */
const monitor = (more: string, check = 'type: tcp, interval: 10s, config: { host: h, port: 1 }') =>
  `monitors:\n  - name: api\n    pulse_check: { ${check} }\n${more}`

/** By case: the text, and what is told. */
const CASES: Readonly<
  Record<string, readonly [text: string, told: readonly string[], options?: Partial<ManifestOptions>]>
> = {
  'an empty file': [
    '',
    ['The manifest has no monitors: write monitors: and a list of them, or monitors: [] if there are to be none'],
  ],
  'nothing but comments': [
    '# later\n---\n',
    ['The manifest has no monitors: write monitors: and a list of them, or monitors: [] if there are to be none'],
  ],
  'an empty NDJSON': [
    '\n\n',
    ['The manifest has no monitors: write monitors: and a list of them, or monitors: [] if there are to be none'],
    { format: 'ndjson' },
  ],
  'a word': ['hello', ['line 1: is not a manifest: write a mapping with monitors']],
  'monitors that are no list': [
    'monitors: 5',
    ['line 1: has monitors that are no list: write each below, behind a dash'],
  ],
  'a monitor that is no mapping': ['monitors:\n  - 5\n', ['line 2: must be a mapping of fields, not 5']],
  'no name, and no check': [
    'monitors:\n  - tags: []\n',
    ['line 2, name: is missing', 'line 2, pulse_check.type: is missing', 'line 2, pulse_check.interval: is missing'],
  ],
  'a name that is empty': [
    "monitors:\n  - name: ''\n    pulse_check: { type: tcp, interval: 1, config: { host: h, port: 1 } }",
    ['line 2, name: must be a text of its own, not an empty one'],
  ],
  'a name of two lines': [
    'monitors:\n  - name: "a\\nb"\n    pulse_check: { type: tcp, interval: 1, config: { host: h, port: 1 } }',
    ['line 2, monitor "a\\nb", name: has line breaks or other control characters: use letters that can be seen'],
  ],
  'a name by reference': [
    `monitors:\n  - name: "\${A}"\n    pulse_check: { type: tcp, interval: 1, config: { host: h, port: 1 } }`,
    ['line 2, name: is a reference: a name is shown everywhere, so write it out'],
  ],
  'a long name': [
    `monitors:\n  - name: ${'n'.repeat(201)}\n    pulse_check: { type: tcp, interval: 1, config: { host: h, port: 1 } }`,
    [`line 2, monitor "${'n'.repeat(200)}", name: has 201 characters: use at most 200`],
  ],
  'a name twice': [
    `${monitor('')}  - name: other\n    pulse_check: { type: tcp, interval: 1, config: { host: h, port: 1 } }\n  - name: api\n    pulse_check: { type: tcp, interval: 1, config: { host: h, port: 1 } }\n`,
    ['line 6, monitor "api", name: is that of the monitor on line 2 too: give each its own'],
  ],
  'an interval of 0': [
    monitor('', 'type: tcp, interval: 0, config: { host: h, port: 1 }'),
    [
      'line 3, monitor "api", pulse_check.interval: must be a duration such as 30s, 1m30s or 500ms of at least 100ms and at most 31d, not 0',
    ],
  ],
  'an endless interval': [
    monitor('', 'type: tcp, interval: .inf, config: { host: h, port: 1 }'),
    [
      'line 3, monitor "api", pulse_check.interval: must be a duration such as 30s, 1m30s or 500ms of at least 100ms and at most 31d, not ".Infinity"',
    ],
  ],
  'a timeout longer than the interval': [
    monitor('', 'type: tcp, interval: 10s, timeout: 1m30s, config: { host: h, port: 1 }'),
    ['line 3, monitor "api", pulse_check.timeout: is 1m30s, longer than the interval of 10s: make it at most 10s'],
  ],
  'thresholds of 0': [
    monitor('', 'type: tcp, interval: 10s, unhealthy_threshold: 0, healthy_threshold: 0, config: { host: h, port: 1 }'),
    [
      'line 3, monitor "api", pulse_check.unhealthy_threshold: must be a whole number of at least 1 and at most 255, not 0',
      'line 3, monitor "api", pulse_check.healthy_threshold: must be a whole number of at least 1 and at most 255, not 0',
    ],
  ],
  'max_failures of 0': [
    monitor('', 'type: tcp, interval: 10s, max_failures: 0, config: { host: h, port: 1 }'),
    ['line 3, monitor "api", pulse_check.max_failures: must be a whole number of at least 1 and at most 255, not 0'],
  ],
  'an unknown type': [
    monitor('', 'type: htpp, interval: 10s, config: { url: x }'),
    ['line 3, monitor "api", pulse_check.type: must be one of http, tcp, not "htpp". Did you mean http?'],
  ],
  'an unknown action': [
    monitor('    intervention: { action: dokcer, target: { container: c } }'),
    ['line 4, monitor "api", intervention.action: must be one of docker, not "dokcer". Did you mean docker?'],
  ],
  'an unknown field, strictly': [
    monitor('    intervall: 5\n    tag: [a]'),
    [
      'line 4, monitor "api", intervall: is not a known field. Known here: codes, enabled, intervention, maintenance, name, pulse_check, tags.',
      'line 5, monitor "api", tag: is not a known field. Did you mean tags?',
    ],
    { isStrict: true },
  ],
  'an unknown colour, strictly': [
    monitor('    codes: { rde: { notify: log, config: { file: x } } }'),
    ['line 4, monitor "api", codes.rde: is not a known field. Did you mean red?'],
    { isStrict: true },
  ],
  'codes that lead nowhere': [
    monitor(
      '    codes:\n      red: {}\n      green: { notify_group: ops }\n      gray: { config: { file: x } }\n      cyan: { notify: lgo }',
    ),
    [
      'line 5, monitor "api", codes.red: goes nowhere: say notify_group, or notify and config, or dispatch: false',
      'line 6, monitor "api", codes.green.notify_group: names the notification group "ops", which is not defined. Define it before the monitors.',
      'line 8, monitor "api", codes.cyan.notify: must be one of log, webhook, not "lgo". Did you mean log?',
      'line 7, monitor "api", codes.gray.notify: is missing beside config: say one of log, webhook',
      'line 7, monitor "api", codes.gray: goes nowhere: say notify_group, or notify and config, or dispatch: false',
    ],
  ],
  'endpoints that are wrong': [
    'endpoints:\n  a: { type: lgo }\n  b: { type: log, config: {} }\n  c: 5\nnotification_groups:\n  g: [a, bb]\n  h: a\nmonitors: []\n',
    [
      'line 2, endpoints.a.type: must be one of log, webhook, not "lgo". Did you mean log?',
      'line 3, endpoints.b.config.file: is missing',
      'line 4, endpoints.c: must be a mapping of fields, not 5',
      'line 6, notification_groups.g: names the endpoint "bb", which is not defined. Did you mean b?',
      'line 7, notification_groups.h: must be a list, not "a"',
    ],
  ],
  'maintenance that never is': [
    monitor(
      '    maintenance:\n      - { cron: "0 2 * *", duration: 30m }\n      - { cron: "0 0 31 2 *", duration: 30m }\n      - { cron: "61 * * * *", duration: 30m, timezone: Mars/Base }\n      - { cron: "61 * * * *", duration: 0 }',
    ),
    [
      'line 5, monitor "api", maintenance[0].cron: is "0 2 * *": use five fields, minute, hour, day, month and weekday, such as "0 2 * * *"',
      'line 6, monitor "api", maintenance[1].cron: is "0 0 31 2 *", which never comes: use five fields, minute, hour, day, month and weekday, such as "0 2 * * *"',
      'line 7, monitor "api", maintenance[2].timezone: must be a name such as UTC or Europe/Berlin, not "Mars/Base"',
      'line 8, monitor "api", maintenance[3].duration: must be a duration such as 30s, 1m30s or 500ms of at least 1s and at most 31d, not 0',
      'line 8, monitor "api", maintenance[3].cron: is "61 * * * *": use five fields, minute, hour, day, month and weekday, such as "0 2 * * *"',
    ],
  ],
  tabs: [
    'monitors:\n  - name: a\n\tpulse_check: {}\n',
    [expect.stringMatching(/^line 3: is not valid YAML: .*tab.*: indent with spaces$/)],
  ],
  'duplicate keys': [
    'monitors:\n  - name: a\n    name: b\n',
    [expect.stringMatching(/^line 3: is not valid YAML: duplicated mapping key: remove one of the two$/)],
  ],
  'an unknown alias': [
    'monitors:\n  - *nobody\n',
    [expect.stringMatching(/^line 2: is not valid YAML: .*alias.*: define its anchor before the monitors$/)],
  ],
  'two documents': [
    'monitors: []\n---\nmonitors: []\n',
    ['line 3: is a second document: a manifest is one, so remove the line ---'],
  ],
  'broken NDJSON': [
    '{"name": "a", "x": ab}\n{\n',
    [
      "line 1: is not valid JSON (Unexpected token 'a')",
      "line 2: is not valid JSON (Expected property name or '}', at column 2)",
    ],
    { format: 'ndjson' },
  ],
  'endpoints behind monitors, line by line': [
    '{"monitor": {"name": "a", "pulse_check": {"type": "tcp", "interval": "1s", "config": {"host": "h", "port": 1}}}}\n{"endpoints": {}}',
    ['line 2, endpoints: stand behind monitors: in a large file, write them before the first'],
    { format: 'ndjson' },
  ],
  'a JSON document that ends too soon': [
    '{"monitors": [{"name": "a"',
    ['ends in the midst of its document: a bracket or a quote is missing'],
    { format: 'json' },
  ],
  'a JSON document with something behind': [
    '{"monitors": []} x',
    ['line 1: is not valid JSON (Unexpected non-whitespace character after JSON, at column 18)'],
    { format: 'json' },
  ],
}

describe('a manifest gets what is wrong with it told', () => {
  for (const [name, [text, told, options]] of Object.entries(CASES)) {
    it(name, async () => {
      expect((await readText(text, options)).told).toEqual(told)
    })
  }

  it('an empty list is no fault', async () => {
    for (const [text, format] of [
      ['monitors: []', 'yaml'],
      ['{"monitors": []}', 'json'],
      ['[]', 'json'],
    ] as const) {
      const { monitors, told, error } = await readText(text, { format })
      expect([monitors, told, error]).toEqual([[], [], undefined])
    }
  })

  it('what is no text', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)
    for (const format of ['yaml', 'ndjson', 'json'] as const) {
      expect((await readText(bytes, { format })).told).toEqual([
        'is not text in UTF-8, but bytes of something else: save it as UTF-8',
      ])
      expect((await readText(Uint8Array.of(0xff, 0xfe, 65, 0), { format })).told).toEqual([
        'is text in UTF-16: save it as UTF-8',
      ])
      expect((await readText(Uint8Array.of(0x1f, 0x8b, 8), { format })).told).toEqual(['is compressed: unpack it'])
    }
    const latin = Buffer.from('monitors: []\n# caf\xe9\n', 'latin1')
    expect((await readText(latin)).told).toEqual(['line 2: is not text in UTF-8: save it as UTF-8'])
    const lines = Buffer.from('{"monitor": 1}\n"\xe9"\n\n"\xe9"\n{"monitor": 2}', 'latin1')
    expect((await readText(lines, { format: 'ndjson' })).told).toEqual([
      'line 1: must be a mapping of fields, not 1',
      'line 2: is not text in UTF-8: save it as UTF-8',
      'line 4: is not text in UTF-8: save it as UTF-8',
      'line 5: must be a mapping of fields, not 2',
    ])
  })

  it('what is too large', async () => {
    const large = 'x'.repeat(1_100_000)
    const lines = `{"name": "${large}"}\n{"name": 5}\n${large}`
    const told = [
      'line 1: is larger than 1048576 bytes: a monitor has no need of that',
      'line 2, name: must be text, not 5: put it in quotes',
    ]
    expect((await readText(lines, { format: 'ndjson' })).told.slice(0, 2)).toEqual(told)
    expect((await readText(lines, { format: 'ndjson' }, 2_000_000)).told.at(-1)).toBe(
      'line 3: is larger than 1048576 bytes: a monitor has no need of that',
    )
    expect((await readText(`[{"name": "${large}"}]`, { format: 'json' })).told).toEqual([told[0]])
    expect((await readText(`monitors:\n  - name: ${large}\n`)).told).toEqual([
      'line 2, monitor "' +
        'x'.repeat(200) +
        '": is too large, in itself or by what its aliases bring: write less, or without aliases',
    ])
  })

  it('a million lines of no use', async () => {
    const from = performance.now()
    const read = await readText(`monitors:\n  - name: a\n${'    # x\n'.repeat(1_000_000)}  - 5\n`)
    expect(read.told).toEqual([
      'line 2, monitor "a", pulse_check.type: is missing',
      'line 2, monitor "a", pulse_check.interval: is missing',
      'line 1000003: must be a mapping of fields, not 5',
    ])
    expect(read.error).toMatchObject({ code: 'MANIFEST_INVALID' })
    // A bound against what grows faster than the text.
    expect(performance.now() - from).toBeLessThan(50_000)
  })

  it('what aliases multiply', async () => {
    let text = 'a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n'
    for (let level = 1; level < 12; level++) text += `a${level}: &a${level} [${Array(9).fill(`*a${level - 1}`)}]\n`
    const beside = await readText(`${text}monitors: []\n`)
    expect(beside.told[0]).toBe(
      'line 1: is too large beside its monitors, in itself or by what its aliases bring: write less, or without aliases',
    )
    const within = await readText(
      `monitors:\n  - name: lol\n    x:\n      ${text.trim().replaceAll('\n', '\n      ')}\n`,
    )
    expect(within.told).toEqual([
      'line 2, monitor "lol": is too large, in itself or by what its aliases bring: write less, or without aliases',
    ])
    const round = await readText('monitors:\n  - &m { name: round, tags: [*m] }\n')
    expect(round.told).toEqual([
      'line 2, monitor "round": is too large, in itself or by what its aliases bring: write less, or without aliases',
    ])
  })

  it('what is nested too deep', async () => {
    const deep = '['.repeat(200_000)
    for (const format of ['yaml', 'ndjson', 'json'] as const) {
      const { told } = await readText(`{"monitors": [{"name": "deep", "tags": ${deep}`, { format })
      expect(told.length).toBe(1)
    }
    const closed = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const { told } = await readText(`{"name": "deep", "tags": ${closed}}`, { format: 'ndjson' })
    expect(told[0]).toMatch(/^line 1/)
  })

  it('the first fifty, and how many more', async () => {
    const { told, faults, error } = await readText('{"name": 1}\n'.repeat(400), { format: 'ndjson' })
    expect([told.length, faults.faults]).toEqual([50, 1200])
    expect(String(error)).toMatch(/has 1200 faults:(\n {2}line \d.*){10}\n {2}and 1190 more$/)
  })

  it('the last of very many lines', async () => {
    const note = `    # ${'x'.repeat(3000)}\n`
    const one = (index: number) =>
      `  - name: m${index}\n${note}    pulse_check:\n      type: tcp\n      interval: 10s\n      config: { host: h, port: 1 }\n`
    const lines = Array.from({ length: 3000 }, (_, index) => one(index))
    const text = `monitors:\n${lines.join('')}  - name: last\n    pulse_check:\n      type: tcp\n      interval: 10\n      config:\n        host: h\n        port: 0`
    const { monitors, told } = await readText(text)
    expect(monitors.length).toBe(3000)
    expect(told).toEqual([
      'line 18008, monitor "last", pulse_check.config.port: must be a whole number of at least 1 and at most 65535, not 0',
    ])
  })

  it('a file that cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-manifest-'))
    try {
      const read = (path: string) => messageOf('MANIFEST_UNREADABLE', () => Array.fromAsync(readManifest(path, KINDS)))
      expect(await read(join(folder, 'none.yaml'))).toMatch(
        /none\.yaml cannot be read \(ENOENT\): there is no such file; look at the path$/,
      )
      expect(await read(folder)).toMatch(/cannot be read \(EISDIR\): it is a directory; name a file in it$/)
      const path = join(folder, 'ours.jsonl')
      await writeFile(path, '{"monitor": {}}\n')
      expect(await messageOf('MANIFEST_INVALID', () => Array.fromAsync(readManifest(path, KINDS)))).toContain(
        `${path} has 3 faults:`,
      )
      expect(await messageOf('OPTION_INVALID', () => readManifest(path, { ...KINDS, threads: 0 }))).toContain('threads')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('once what every monitor refers to is broken', async () => {
    const monitors =
      '{"name": "a", "pulse_check": {"type": "tcp", "interval": 1, "config": {"host": "h", "port": 1}}, "codes": {"red": {"notify_group": "ops"}}}'
    expect((await readText(`{"notification_groups": {\n${monitors}`, { format: 'ndjson' })).told).toEqual([
      "line 1: is not valid JSON (Expected property name or '}', at column 26)",
    ])
  })

  it('a kind that throws', async () => {
    const parse = () => {
      throw new Error('no idea')
    }
    const checks = new Map([['tcp', { ...KINDS.kinds.checks.get('tcp')!, parse }]])
    expect((await readText(monitor(''), { kinds: { ...KINDS.kinds, checks } })).told).toEqual([
      'line 2, monitor "api": cannot be read: no idea',
    ])
  })
})
