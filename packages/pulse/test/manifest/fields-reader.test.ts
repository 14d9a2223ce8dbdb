import { holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/manifest/duration.ts'
import type { Fault } from '../../src/manifest/fields.ts'
import { FieldsReader } from '../../src/manifest/fields-reader.ts'
import { References } from '../../src/manifest/references.ts'

function read(value: unknown, { isStrict = false, environment = {}, readFile = noFile } = {}) {
  const faults: Fault[] = []
  const references = new References({ environment, readFile })
  return {
    fields: new FieldsReader(value, '', { references, isStrict, onFault: (fault) => faults.push(fault) }),
    faults,
    references,
  }
}

const noFile = (path: string): string => {
  throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
}
const shown = (faults: readonly Fault[]) => faults.map(({ field, message }) => `${field}: ${message}`)

describe('FieldsReader', () => {
  it('gives what is there, and the fallback where nothing is', () => {
    const { fields, faults } = read({
      a: 'x',
      b: 3,
      c: true,
      d: '1m30s',
      e: 'tcp',
      f: ['p'],
      g: [200],
      h: { k: 'v', n: 5 },
      i: { deep: [1] },
      z: null,
    })
    expect(fields.string('a')).toBe('x')
    expect(fields.integer('b', { min: 1 })).toBe(3)
    expect(fields.boolean('c', false)).toBe(true)
    expect(fields.durationMs('d', {})).toBe(90_000)
    expect(fields.oneOf('e', ['http', 'tcp'])).toBe('tcp')
    expect(fields.strings('f')).toEqual(['p'])
    expect(fields.integers('g', {})).toEqual([200])
    expect(fields.record('h')).toEqual({ k: 'v', n: '5' })
    expect(fields.any('i')).toEqual({ deep: [1] })
    expect([
      fields.string('none', 'fallback'),
      fields.integer('none', {}, 7),
      fields.durationMs('none', {}, 9),
    ]).toEqual(['fallback', 7, 9])
    expect([fields.has('a'), fields.has('none'), fields.has('z')]).toEqual([true, false, false])
    expect(fields.string('z', 'of an empty field')).toBe('of an empty field')
    fields.end()
    expect(faults).toEqual([])
  })

  it('says of each fault where it is, what is there and what should be', () => {
    const { fields, faults } = read({
      a: 5,
      b: 1.5,
      c: 'yes',
      d: '5 minutes',
      e: 'htp',
      f: 'p',
      g: ['x'],
      h: [],
      i: 3,
      j: 0,
      k: '0s',
    })
    fields.string('a')
    fields.integer('b', { min: 1, max: 9 })
    fields.boolean('c', false)
    fields.durationMs('d', { min: 100 })
    fields.oneOf('e', ['http', 'tcp'])
    fields.strings('f')
    fields.integers('g', { min: 100 })
    fields.record('h')
    fields.within('i').string('url')
    fields.integer('j', { min: 1 })
    fields.durationMs('k', { min: 100, max: 5000 })
    fields.string('l')
    fields.within('m').within('n').string('o')
    expect(shown(faults)).toEqual([
      'a: must be text, not 5: put it in quotes',
      'b: must be a whole number of at least 1 and at most 9, not 1.5',
      'c: must be true or false, not "yes"',
      'd: must be a duration such as 30s, 1m30s or 500ms of at least 100ms, not "5 minutes"',
      'e: must be one of http, tcp, not "htp". Did you mean http?',
      'f: must be a list, not "p"',
      'g[0]: must be a whole number of at least 100, not "x"',
      'h: must be a mapping of names to text, not a list',
      'i: must be a mapping of fields, not 3',
      'j: must be a whole number of at least 1, not 0',
      'k: must be a duration such as 30s, 1m30s or 500ms of at least 100ms and at most 5s, not "0s"',
      'l: is missing',
      'm.n.o: is missing',
    ])
  })

  it('notes fields that nobody asked for, as a warning or, when strict, as a fault', () => {
    for (const isStrict of [false, true]) {
      const { fields, faults } = read({ interval: 1, timout: 2, colour: 3 }, { isStrict })
      fields.integer('interval', {})
      fields.integer('timeout', {}, 5)
      fields.end()
      fields.end()
      expect(faults).toEqual([
        { field: 'timout', message: 'is not a known field. Did you mean timeout?', isWarning: !isStrict },
        { field: 'colour', message: 'is not a known field. Known here: interval, timeout.', isWarning: !isStrict },
      ])
    }
  })

  it('gives the rest to a schema of others, references in it resolved', () => {
    const { fields, faults } = read({ a: 1, b: [`\${X}`], c: { d: `\${X}` } }, { environment: { X: 'secret' } })
    fields.integer('a', {})
    expect(fields.rest()).toEqual({ b: ['secret'], c: { d: 'secret' } })
    fields.end()
    expect(faults).toEqual([])
  })

  it('takes names that objects have by themselves for what they are', () => {
    const { fields, faults } = read(
      JSON.parse('{"__proto__": {"x": "1"}, "h": {"__proto__": "y", "constructor": "z"}}'),
    )
    expect(fields.has('constructor')).toBe(false)
    expect(Object.entries(fields.record('h'))).toEqual([
      ['__proto__', 'y'],
      ['constructor', 'z'],
    ])
    fields.end()
    expect(shown(faults)).toEqual(['__proto__: is not a known field. Known here: constructor, h.'])
  })
})

describe('references', () => {
  it('resolves variables and files when a text is read', () => {
    const environment = { TOKEN: 'abc', PORT: '80', ON: 'true', WAIT: '5s' }
    const { fields, faults } = read(
      {
        a: `Bearer \${TOKEN}`,
        b: `\${PORT}`,
        c: `$\${TOKEN}`,
        d: 'file:/run/secret',
        e: `\${ON}`,
        f: `\${WAIT}`,
        g: { h: `\${TOKEN}` },
        i: [`\${TOKEN}`],
      },
      { environment, readFile: (path) => `of ${path}\n` },
    )
    expect(fields.string('a')).toBe('Bearer abc')
    expect(fields.integer('b', {})).toBe(80)
    expect(fields.string('c')).toBe(`\${TOKEN}`)
    expect(fields.string('d')).toBe('of /run/secret')
    expect(fields.boolean('e', false)).toBe(true)
    expect(fields.durationMs('f', {})).toBe(5000)
    expect(fields.record('g')).toEqual({ h: 'abc' })
    expect(fields.strings('i')).toEqual(['abc'])
    expect(faults).toEqual([])
  })

  it('names what is not set, and what cannot be read', () => {
    const { fields, faults } = read({ a: `\${GONE}`, b: 'file:/nowhere', c: `\${not a name}` })
    expect([fields.string('a'), fields.string('b', 'x'), fields.string('c')]).toEqual(['', 'x', ''])
    expect(shown(faults)).toEqual([
      `a: refers to \${GONE}, which is not set: set the variable GONE`,
      'b: refers to the file /nowhere, which cannot be read (ENOENT)',
      `c: refers to \${not a name}, which names no variable: letters, digits and _ can; $\${ stands for \${ itself`,
    ])
  })

  it('keeps values out of messages, those of others too', () => {
    const { fields, faults } = read(
      { a: `\${LONG}`, b: `\${SHORT}`, c: `\${LONG}` },
      { environment: { LONG: 'sesame$&', SHORT: 'q' } },
    )
    const [a, b] = [fields.string('a'), fields.string('b')]
    fields.fault('a', `must begin with https://, not ${a}`)
    fields.fault('b', `must be longer than ${JSON.stringify(b)}`)
    fields.integer('c', {})
    fields.warn('', `has ${a}`)
    expect(JSON.stringify(faults)).not.toContain('sesame')
    expect(shown(faults)).toEqual([
      `a: must begin with https://, not \${LONG}`,
      `b: must be longer than "\${SHORT}"`,
      `c: must be a whole number, not "\${LONG}"`,
      `: has \${LONG}`,
    ])
  })

  it('reads small regular files only', () => {
    const faults: Fault[] = []
    const context = {
      references: new References({ environment: {} }),
      isStrict: false,
      onFault: (fault: Fault) => faults.push(fault),
    }
    const fields = new FieldsReader(
      { a: 'file:/dev/zero', b: 'file:/', c: `file:${import.meta.filename}` },
      '',
      context,
    )
    fields.string('a')
    fields.string('b')
    expect(fields.string('c')).toContain('reads small regular files only')
    expect(shown(faults)).toEqual([
      'a: refers to the file /dev/zero, which cannot be read (not a file)',
      'b: refers to the file /, which cannot be read (not a file)',
    ])
  })
})

describe('durations', () => {
  it('are written as they are read', async () => {
    await holds(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (ms) => parseDuration(formatDuration(ms)) === ms))
  })

  it('are nothing else', () => {
    for (const value of [
      '',
      '5',
      '-5s',
      '5 s',
      's',
      '1e3s',
      '5sec',
      'NaNs',
      Number.NaN,
      -1,
      Number.POSITIVE_INFINITY,
      [],
      null,
      '9'.repeat(50),
    ]) {
      expect(parseDuration(value)).toBeUndefined()
    }
    expect([parseDuration(30), parseDuration(0.5), parseDuration('1.5h'), parseDuration('2d')]).toEqual([
      30_000, 500, 5_400_000, 172_800_000,
    ])
  })
})
