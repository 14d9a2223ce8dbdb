import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MetricFamily, prometheusText } from '../../src/observe/prometheus.ts'
import { plainPrometheusText } from '../mutants/plain-prometheus-text.ts'
import { parseExposition } from './parse-exposition.ts'

const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', '\n', '"', 'n', '{', '}', ',', '=', ' ') }))
const labels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,4}$/), text, { maxKeys: 3, noNullPrototype: true })
const families = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,9}$/).filter((name) => !/_(sum|count|bucket)$/.test(name)),
    help: text,
    type: fc.constantFrom<MetricFamily['type'][]>('counter', 'gauge', 'histogram', 'summary'),
    samples: fc.uniqueArray(
      fc.record(
        { labels, value: fc.double(), suffix: fc.constantFrom<'_sum'[]>('_sum') },
        { requiredKeys: ['labels', 'value'] },
      ),
      { selector: ({ labels, suffix }) => JSON.stringify([Object.entries(labels).sort(), suffix]), maxLength: 5 },
    ),
  }),
  { selector: ({ name }) => name, maxLength: 4 },
)

/** Whatever families there are, a scraper reads of the text what they say. */
const isReadBack = (write: typeof prometheusText) =>
  fc.property(families, (written) => {
    const read = [...parseExposition(write(written))]
    expect(read).toEqual(
      written.map(({ name, help, type, samples }) => [
        name,
        {
          help,
          type,
          series: samples.map(({ labels, value, suffix = '' }) => ({ name: name + suffix, labels, value: value + 0 })),
        },
      ]),
    )
  })

describe('prometheusText', () => {
  it('is read by a scraper as it was written', () => holds(isReadBack(prometheusText)))
  it('would not be without escaping', () => fails(isReadBack(plainPrometheusText)))

  it('looks as Prometheus documents it', () => {
    const text = prometheusText([
      {
        name: 'msdos_file_access_time_seconds',
        help: 'C:\\ in\nseconds',
        type: 'gauge',
        samples: [
          { labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' }, value: 1.458255915e9 },
        ],
      },
      { name: 'up', help: '', type: 'gauge', samples: [{ labels: {}, value: Number.POSITIVE_INFINITY }] },
    ])
    expect(text).toBe(
      [
        '# HELP msdos_file_access_time_seconds C:\\\\ in\\nseconds',
        '# TYPE msdos_file_access_time_seconds gauge',
        'msdos_file_access_time_seconds{error="Cannot find file:\\n\\"FILE.TXT\\"",path="C:\\\\DIR\\\\FILE.TXT"} 1458255915',
        '# HELP up ',
        '# TYPE up gauge',
        'up +Inf',
        '',
      ].join('\n'),
    )
  })

  it('makes one family of those of one name', () => {
    const jobs = (game: string): MetricFamily => ({
      name: 'jobs_total',
      help: `Jobs of ${game}.`,
      type: 'counter',
      samples: [{ labels: { game }, value: 1 }],
    })
    const other: MetricFamily = { name: 'other', help: '', type: 'gauge', samples: [] }
    expect(parseExposition(prometheusText([jobs('chess'), other, jobs('go')])).get('jobs_total')).toEqual({
      help: 'Jobs of chess.',
      type: 'counter',
      series: [
        { name: 'jobs_total', labels: { game: 'chess' }, value: 1 },
        { name: 'jobs_total', labels: { game: 'go' }, value: 1 },
      ],
    })
  })

  it('refuses what would have the whole text refused', async () => {
    const family = (name: string, labels = {}, type: MetricFamily['type'] = 'gauge'): MetricFamily => ({
      name,
      help: '',
      type,
      samples: [{ labels, value: 1 }],
    })
    const refused = [
      [family('frame-time')],
      [family('9lives')],
      [family('')],
      [family('a', { 'b-c': '' })],
      [family('a', { b: '1', c: '2' }), family('a', { c: '2', b: '1' })],
      [family('a', { b: '1' }), family('a', { b: '2' }, 'counter')],
    ]
    for (const families of refused) await messageOf('METRIC_INVALID', () => prometheusText(families))
    expect(await messageOf('METRIC_INVALID', () => prometheusText([family('a'), family('a')]))).toMatch(
      /a is there twice/,
    )
  })

  it('is empty for no families', () => expect(prometheusText([])).toBe(''))
})
