import { randomFrom } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import type { Piece } from '../../../src/manifest/formats/piece.ts'
import { yamlPieces } from '../../../src/manifest/formats/yaml-pieces.ts'
import { chunksOf } from '../read-text.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined

/** All monitors of a text, with their lines, and whatever else is told of it. */
async function read(
  text: string,
  { isWhole = false, isHere = true, chunkBytes = 65_536, threads = 2, maxHeapMb = 512 } = {},
) {
  const items: [json: string, line: number][] = []
  let cuts = 0
  const others: Exclude<Piece, { kind: 'items' }>[] = []
  const pieces = yamlPieces(chunksOf(new TextEncoder().encode(text), chunkBytes), {
    maxWholeBytes: isWhole ? text.length * 2 + 1 : 0,
    maxHereBytes: isHere ? text.length * 2 : 0,
    threads,
    maxHeapMb,
  })
  for await (const piece of pieces) {
    if (piece.kind !== 'items') others.push(piece)
    else {
      cuts++
      for (const [index, json] of piece.texts.entries()) items.push([json, piece.lines[index]!])
    }
  }
  const broken = others.filter((piece) => piece.kind === 'broken')
  return {
    items,
    cuts,
    broken,
    definitions: others.filter((piece) => piece.kind === 'definitions').map(({ value }) => value),
  }
}

/** A long list of monitors as people write them, each a little different. */
function manifest(count: number, indent: string, newline: string): string {
  const random = randomFrom(7)
  const pick = (texts: readonly string[]) => texts[Math.floor(random() * texts.length)]!
  let text = 'endpoints:\n  log: { type: log }\n\nmonitors: # all\n# the first\n'
  for (let index = 0; index < count; index++) {
    const name = pick([`m-${index}`, `"m ${index}"`, `'m: ${index}'`, `${index}`])
    text += `${indent}- name: ${name}\n`
    text += pick(['', `${indent}  # - name: not this\n`, '\n', '# nor this: one\n'])
    text += `${indent}  pulse_check: { type: http,\n${indent}    config: { url: http://10.0.0.${index % 256}/, body: "a\n\n${indent}     - b" } }\n`
    text += pick([
      '',
      `${indent}  body: |\n${indent}   - name: x\n\n${indent}   y\n`,
      `${indent}  tags:\n${indent}  - a\n${indent}  - b: c\n`,
    ])
  }
  return `${text}notification_groups: {}\n`.replaceAll('\n', newline)
}

describe('yamlPieces', () => {
  for (const [name, indent, newline, size] of [
    ['indented', '  ', '\n', 1000],
    ['not indented', '', '\n', 10_000_000],
    ['of Windows', '    ', '\r\n', 1000],
  ] as const) {
    it(`cuts a large document into what it is as a whole: ${name}`, async () => {
      const count = isSlow ? 5000 : 1500
      const text = manifest(count, indent, newline)
      const whole = await read(text, { isWhole: true })
      expect(whole.items.length).toBe(count)
      expect(whole.broken).toEqual([])
      for (const chunkBytes of isSlow ? [64, 1000, 10_000_000] : [size]) {
        const cut = await read(text, { chunkBytes })
        expect(cut.cuts).toBeGreaterThan(1)
        expect(JSON.stringify(cut.items)).toBe(JSON.stringify(whole.items))
        expect(cut.broken).toEqual([])
        expect(Object.assign({}, ...cut.definitions)).toEqual(whole.definitions[0])
      }
    })
  }

  it('reads anchors that stand before the monitors', async () => {
    const body = Array.from(
      { length: 1800 },
      (_, index) => `- { name: m${index}, <<: *web, x: ${'y'.repeat(100)} }\n`,
    ).join('')
    const text = `x-web: &web\n  type: http\n"monitors":\n${body}`
    const cut = await read(text, { threads: 1 })
    expect(cut.broken).toEqual([])
    expect(cut.cuts).toBeGreaterThan(1)
    expect(cut.items).toEqual((await read(text, { isWhole: true })).items)
    expect(cut.items[1799]?.[1]).toBe(1803)
  })

  it('tells of what is faulty by its line, and reads its neighbours', async () => {
    const lines = Array.from({ length: 8000 }, (_, index) => `  - name: m${index}\n    tags: [a]\n`)
    lines[2000] = '  - name: broken\n    tags: [a\n'
    lines[5000] = '  - name: tab\n\ttags: [a]\n'
    lines[7999] = '  - name: last\n    name: again\n'
    const { items, broken } = await read(`monitors:\n${lines.join('')}`, { threads: 1 })
    expect(items.length).toBe(7997)
    expect(items.at(-1)).toEqual(['{"name":"m7998","tags":["a"]}', 15_998])
    expect(broken.map((piece) => (piece.kind === 'broken' ? [piece.monitor, piece.line] : []))).toEqual([
      ['broken', expect.closeTo(4003, -1)],
      ['tab', 10_003],
      ['last', 16_001],
    ])
  })

  it('says why it cannot cut a large document', async () => {
    const cases: readonly [text: string, line: number, message: RegExp][] = [
      ['endpoints: {}\n', 1, /^has no monitors: in a large file, write monitors: at the beginning of a line/],
      ['monitors: [{ name: a }]\n', 1, /^has no monitors: in a large file/],
      ['monitors:\n\n  a: b\n', 3, /^is not of a list of monitors: in a large file, write each monitor below/],
      [`monitors:\n  - "${'x'.repeat(1_100_000)}"\n`, 2, /^is longer than 1048576 bytes/],
      [`monitors:\n  - |\n${`    ${'x'.repeat(1000)}\n`.repeat(4500)}`, 2, /^begins a part larger than 4194304 bytes/],
      ['monitors:\n  - *nobody\n', 2, /alias/],
    ]
    for (const [text, line, message] of cases) {
      const { broken } = await read(text, { threads: 1 })
      expect(broken).toEqual([expect.objectContaining({ line, message: expect.stringMatching(message) })])
    }
    const latin = new Uint8Array(Buffer.from('monitors:\n  - a\n  - \xe9\n', 'latin1'))
    const pieces = await Array.fromAsync(
      yamlPieces([latin], { maxWholeBytes: 0, maxHereBytes: 0, threads: 1, maxHeapMb: 512 }),
    )
    expect(pieces.filter(({ kind }) => kind === 'broken')).toEqual([
      { kind: 'broken', line: 3, message: 'is not text in UTF-8: save it as UTF-8' },
    ])
  })
  it('tells what needs more memory than a thread has, and reads the rest', async () => {
    const heavy = `  - name: heavy\n    tags: [${'[],'.repeat(300_000)}]\n`
    const options = { isHere: false, threads: 1, maxHeapMb: 24 }
    const message = 'needs more than 24 MiB of memory to be read: write less, or in several files'
    const whole = await read(`monitors:\n${heavy}`, { ...options, isWhole: true })
    expect(whole.broken).toEqual([{ kind: 'broken', line: 0, message }])

    const light = (from: number) =>
      Array.from({ length: 1000 }, (_, index) => `  - name: m${from + index}\n    # ${'x'.repeat(300)}\n`).join('')
    const { items, broken } = await read(`monitors:\n${light(0)}${heavy}${light(1000)}`, options)
    expect(broken).toEqual([expect.objectContaining({ message: `begins a part that ${message}` })])
    // Of those in one piece with it nothing is known.
    expect(items.at(0)?.[0]).toBe('{"name":"m0"}')
    expect(items.at(-1)?.[0]).toBe('{"name":"m1999"}')
    expect(items.length).toBeGreaterThan(1000)
  })

  it('does not read very much again for each monitor where one is faulty', async () => {
    const anchors = Array.from({ length: 6000 }, (_, index) => `  a${index}: &a${index} [${index}]\n`).join('')
    const monitors = '  - name: m\n'.repeat(8000)
    const { items, broken } = await read(`x-all:\n${anchors}monitors:\n${monitors}  - name: a\n    name: b\n`)
    expect(items).toEqual([])
    expect(broken).toEqual([
      expect.objectContaining({ line: 14_004, message: expect.stringMatching(/^is not valid YAML: duplicated/) }),
    ])
  })

  it('reads monitors that all stand in one line', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `{name: m${index}}`)
    const { items } = await read(`monitors: [${names.join(', ')}]\nx: 1\n`, { isWhole: true })
    expect([items.length, items.at(-1)]).toEqual([100_000, ['{"name":"m99999"}', 1]])
  })
})
