import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OutputGate } from '../../src/worker/output-gate.ts'

function gate() {
  let now = 0
  const lines: string[] = []
  const output = new OutputGate(
    () => now,
    (line) => lines.push(line),
  )
  return {
    output,
    lines,
    pass: (ms: number) => (now += ms),
    print: (text: string) => output.push('stdout', Buffer.from(text)),
  }
}

describe('OutputGate', () => {
  test('tells whole lines, however they arrive, and leaves out empty ones', () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((line) => line.replaceAll('\n', '')),
      { maxLength: 50 },
    )
    fc.assert(
      fc.property(text, fc.array(fc.nat(1000)), (said, cuts) => {
        const { output, lines } = gate()
        const bytes = Buffer.from(said.join('\n'))
        let start = 0
        for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
          output.push('stdout', bytes.subarray(start, cut))
          start = cut
        }
        output.end()
        expect(lines).toEqual(said.filter((line) => line !== ''))
      }),
    )
  })

  test('keeps the lines of the two streams apart', () => {
    const { output, lines, print } = gate()
    print('out ')
    output.push('stderr', Buffer.from('err\n'))
    print('put\n')
    expect(lines).toEqual(['err', 'out put'])
  })

  test('tells a hundred lines a second, and how much was left out', () => {
    const { output, lines, pass, print } = gate()
    for (let n = 0; n < 1000; n++) print(`line ${n}\n`)
    expect(lines).toHaveLength(100)
    pass(999)
    print('unheard\n')
    expect(lines).toHaveLength(100)
    pass(1)
    print('heard\n')
    expect(lines.slice(100)).toEqual(['(8108 more bytes of output were left out)', 'heard'])
    output.end()
    expect(lines).toHaveLength(102)
  })

  test('tells 64 KB a second, and cuts long lines', () => {
    const { output, lines, print } = gate()
    for (let n = 0; n < 100; n++) print(`${'x'.repeat(100_000)}\n`)
    expect(lines).toHaveLength(16)
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([4096]))
    output.end()
    const told = 16 * 4096 + 16
    expect(lines.at(-1)).toBe(`(${100 * 100_001 - told} more bytes of output were left out)`)
  })

  test('a line that never ends takes no more memory than one that is cut', () => {
    const { output, lines } = gate()
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    const before = process.memoryUsage().arrayBuffers
    for (let n = 0; n < 1000; n++) output.push('stderr', chunk)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
    output.end()
    expect(lines[0]).toHaveLength(4096)
  })
})
