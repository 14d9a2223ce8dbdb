import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readYaml } from '../../../src/manifest/formats/read-yaml.ts'
import { YamlPieceReader } from '../../../src/manifest/formats/yaml-piece-reader.ts'
import { type ReadItems, YamlTemplates } from '../../../src/manifest/formats/yaml-templates.ts'
import { HastyTemplates } from '../mutants/hasty-templates.ts'

const RUNS = process.env.MILLRACE_SLOW ? 5000 : 100

const parse: ReadItems = (text) => readYaml(`monitors:\n${text}`)

/** What is worth a template, what only looks like it, and what is no YAML. */
const value = fc.oneof(
  fc.constantFrom(
    'api',
    'true',
    'null',
    'Null',
    'no',
    '~',
    '',
    ' ',
    'http://h:80/x',
    'a:',
    'a: b',
    'a #b',
    'a#b',
    '5',
    '0x1f',
    '1e3',
    '30s',
    '.inf',
  ),
  fc.constantFrom(
    '"q"',
    '""',
    '"a: b"',
    '"a, b"',
    '"\\n"',
    '"\\x41"',
    "'s'",
    "'a: b'",
    '\'a: "b"\'',
    '"5"',
    '"true"',
    '"é"',
    '*a',
    '&a b',
    '!!str 5',
    '!!int "5"',
  ),
  fc.constantFrom(
    '{ a: b }',
    '{ a: b, c: d }',
    '{ a: "b", c: d }',
    '[a, b]',
    '[ a: b, c: d ]',
    '{a: b}',
    '| \n      k: v',
    '|\n      k: v',
    '>-\n      k: v\n      l: w',
  ),
  fc.constantFrom(
    'a\n      b',
    'a\n      b: c',
    '\n      - x: y',
    '\n      x: y\n      z: w',
    'é',
    '<<',
    '- a',
    '? a',
    '@a',
    '`a',
    '\0',
    '\x01',
    'a # c: d',
    'a }',
    'b, c: d',
    '{ a: b',
    'millraceValue0x',
  ),
  fc.stringMatching(/^[a-z:/.,{}"' #&*!|>-]{0,8}$/),
)
const field = fc
  .tuple(fc.constantFrom('name', 'url', 'k', '<<', '"k"', '# k', '? k', 'toString', '__proto__', '1'), value)
  .map(([key, text]) => `    ${key}: ${text}\n`)
/** Many of few shapes. */
const shaped = fc
  .array(field, { minLength: 1, maxLength: 4 })
  .chain((fields) =>
    fc
      .array(fc.tuple(fc.constant(fields), fc.nat(fields.length - 1), value), { minLength: 3, maxLength: 6 })
      .map((variants) =>
        variants.map(([all, at, text]) =>
          all.map((line, index) => (index === at ? line.replace(/: [\s\S]*\n$/, () => `: ${text}\n`) : line)).join(''),
        ),
      ),
  )
const piece = fc
  .array(shaped, { minLength: 1, maxLength: 3 })
  .map((groups) => groups.flat().map((lines) => `  -${lines.slice(3)}`))

const equal = (Templates: new (read: ReadItems) => Pick<YamlTemplates, 'apply'>) =>
  fc.property(piece, (items) => {
    const templates = new Templates(parse)
    return items.every((item) => {
      const json = templates.apply(item)
      if (json === undefined) return true
      const { texts, faults } = parse(item)
      return faults.length === 0 && texts.length === 1 && texts[0] === json
    })
  })

describe('YamlTemplates', () => {
  it('gives what the parser gives, or nothing', () => holds(equal(YamlTemplates), RUNS * 10))

  it('one that trusts a shape without a look at its JSON does not', () => fails(equal(HastyTemplates), 1000))

  it('needs a parser twice a shape', () => {
    let parsed = 0
    const templates = new YamlTemplates((text) => {
      parsed++
      return parse(text)
    })
    const item = (index: number) =>
      `  - name: m-${index}\n    pulse_check: { type: http, config: { url: "http://h/${index}?a=b" } }\n    port: 80\n`
    const read = Array.from({ length: 100 }, (_, index) => templates.apply(item(index)))
    expect(parsed).toBe(1)
    expect(read[0]).toBeUndefined()
    expect(read.slice(1)).toEqual(Array.from({ length: 99 }, (_, index) => parse(item(index + 1)).texts[0]))
  })
})

describe('YamlPieceReader', () => {
  it('gives what the parser gives of a whole piece, lines and all', () =>
    holds(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.boolean(), (pieces, hasComments) => {
        // The parser counts from what is behind a comment beside the dash.
        fc.pre(!pieces.flat().some((item) => item.startsWith('  - #')))
        const reader = new YamlPieceReader()
        return pieces.every((items) => {
          const text = (hasComments ? '  # some\n' : '') + items.join(hasComments ? '# more\n\n' : '')
          const { texts, lines, faults } = reader.read(text, 2, '')
          const whole = readYaml(`monitors:\n${text}`, 2)
          expect({ texts, lines: [...lines], faults: faults.map(({ message }) => message) }).toEqual({
            texts: whole.texts,
            lines: [...whole.lines].map((line) => line - 1),
            faults: whole.faults.filter(({ line }) => line > 1).map(({ message }) => message),
          })
          return true
        })
      }),
      RUNS / 2,
    ))
})
