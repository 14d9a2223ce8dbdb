import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKinds } from '../../src/kinds.ts'
import { type Fitting, MonitorTemplates } from '../../src/manifest/monitor-templates.ts'
import { KINDS } from './kinds.ts'
import { readText } from './read-text.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined
const RUNS = isSlow ? 20_000 : 200

const same = (value: unknown) => value

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'http://h/',
    'é',
    '',
    '"',
    '\\',
    '\\"',
    'a"b',
    '","url":"x',
    'millrace name',
    'name',
    '\n',
    '}',
    '{"name":"a"}',
  ),
  fc.string({ maxLength: 4 }),
)
const config = fc.record({ url: fc.oneof(text, fc.nat(9)), name: text, host: text }, { requiredKeys: ['url'] })
const more = fc.constantFrom({}, { tags: ['name'] }, { x: '"name":"a"' }, { url: 'a' })
/** Many of one shape: they differ in their names, and in one text. */
const alike = fc
  .tuple(
    config,
    more,
    fc.nat(2),
    fc.constantFrom(0, 0, 1),
    fc.constantFrom('url', 'name'),
    fc.array(fc.tuple(text, text), { minLength: 3, maxLength: 12 }),
  )
  .map(([fields, others, order, indent, field, values]) =>
    values.map(([name, value]) => {
      const check = { type: 'http', config: { ...fields, [field]: value } }
      const orders = [
        { name, pulse_check: check, ...others },
        { pulse_check: check, ...others, name },
        { ...others, pulse_check: { ...check, name }, name },
      ]
      return JSON.stringify(orders[order], undefined, indent)
    }),
  )
/** Texts that are no JSON, too: a letter is lost or put in. */
const damaged = fc
  .tuple(alike, fc.nat(120), fc.constantFrom('', '"', '\\', 'x', '\u0001'))
  .map(([lines, at, put]) =>
    lines.map((json, index) => (index === 2 ? json.slice(0, at) + put + json.slice(at + 1) : json)),
  )
const texts = fc.array(fc.oneof(alike, damaged), { minLength: 1, maxLength: 3 }).map((groups) => groups.flat())

const fits = (Templates: new () => Shape<MonitorTemplates<number>>) =>
  fc.property(texts, (all) => {
    const templates = new Templates()
    return all.every((line, index) => {
      const fitting = templates.fit(line)
      let value: { name: string; pulse_check: { config: object } } | undefined
      try {
        value = JSON.parse(line)
      } catch {
        return fitting === undefined
      }
      if (fitting !== undefined) {
        const like = JSON.parse(all[fitting.like]!)
        like.name = fitting.name
        like.pulse_check.config = { ...fitting.config, [fitting.field]: fitting.text }
        return JSON.stringify(like) === JSON.stringify(value)
      }
      // Only what was read without a fault is learned from.
      if (typeof value?.name === 'string') templates.learn(line, value, index, same)
      return true
    })
  })

/** Does not look for escapes. */
class Careless implements Shape<MonitorTemplates<number>> {
  readonly #inner = new MonitorTemplates<number>()

  fit(line: string): Fitting<number> | undefined {
    return this.#inner.fit(line.replaceAll('\\n', 'n'))
  }

  learn(line: string, value: unknown, read: number, unwrap: (value: unknown) => unknown): void {
    this.#inner.learn(line, value, read, unwrap)
  }
}

describe('MonitorTemplates', () => {
  it('takes a text for what parsing it gives, or for nothing', () => holds(fits(MonitorTemplates), RUNS))
  it('one that overlooks escapes is found out', () => fails(fits(Careless), 2000))

  it('needs two of a shape', () => {
    const templates = new MonitorTemplates<string>()
    const line = (index: number) =>
      JSON.stringify({
        name: `m${index}`,
        pulse_check: { type: 'http', config: { url: `http://h/${index}` } },
        tags: [],
      })
    const read = Array.from({ length: 100 }, (_, index) => {
      const fitting = templates.fit(line(index))
      if (fitting === undefined) templates.learn(line(index), JSON.parse(line(index)), `of ${index}`, same)
      return fitting
    })
    expect(read.slice(0, 2)).toEqual([undefined, undefined])
    expect(read.slice(2)).toEqual(
      Array.from({ length: 98 }, (_, index) => ({
        name: `m${index + 2}`,
        config: { url: 'http://h/1' },
        field: 'url',
        text: `http://h/${index + 2}`,
        like: 'of 1',
      })),
    )
  })
})

describe('readManifest', () => {
  // The kinds that come along find the target of some without parsing their config; those that stand in for them parse it.
  it.each([
    ['kinds that parse each config', KINDS.kinds],
    ['kinds that come along', createKinds()],
  ])('reads the same of monitors that are alike, each by itself or one after the other: %s', async (_, kinds) => {
    const value = fc.constantFrom(
      'a',
      'b',
      'http://h/1',
      'http://h/2',
      'http://h/3',
      'http://H/4',
      'http://h:80/5#x',
      'ftp://h',
      '$' + '{SECRET}',
      '$' + '{GONE}',
      '',
      'a\nb',
      'n'.repeat(201),
      'é',
    )
    const line = fc
      .tuple(value, value, fc.constantFrom('GET', 'HEAD'), fc.boolean())
      .map(([name, url, method, isWrapped]) => {
        const one = {
          name,
          pulse_check: { type: 'http', interval: '1s', timeout: '1s', config: { url, method } },
          tags: ['a'],
        }
        return JSON.stringify(isWrapped ? { monitor: one } : one)
      })
    const options = { kinds, format: 'ndjson', references: { environment: { SECRET: 'http://secret/' } } } as const
    await holds(
      fc.asyncProperty(fc.array(line, { minLength: 3, maxLength: 40 }), async (lines) => {
        const together = await readText(lines.join('\n'), options)
        const names = new Map<string, number>()
        const expected: unknown[] = []
        const told: string[] = []
        const warnings: string[] = []
        for (const [index, one] of lines.entries()) {
          const alone = await readText(`${'\n'.repeat(index)}${one}`, options)
          const { name } = JSON.parse(one).monitor ?? JSON.parse(one)
          const before = names.get(name)
          told.push(...alone.told)
          warnings.push(...alone.warnings)
          if (name === '' || name.includes('{')) continue
          if (before === undefined) expected.push(...alone.monitors)
          else
            told.push(
              `line ${index + 1}, monitor ${JSON.stringify(name.slice(0, 200))}, name: is that of the monitor on line ${before} too: give each its own`,
            )
          names.set(name, before ?? index + 1)
        }
        expect(together.monitors).toEqual(expected)
        expect(together.faults.warnings).toBe(warnings.length)
        if (told.length <= 50) expect([...together.told].sort()).toEqual(told.sort())
        return true
      }),
      isSlow ? 1000 : 25,
    )
  })
})
