import { describe, expect, it } from 'vitest'
import { styleFor } from '../../src/text/style.ts'

const terminal = { isTTY: true }
const pipe = {}

function colored(stream: { isTTY?: boolean }, env: Record<string, string>): boolean {
  return styleFor({ stream, env }).red('x') !== 'x'
}

describe('style', () => {
  it('colours terminals, and what NO_COLOR and FORCE_COLOR say', () => {
    expect(colored(terminal, {})).toBe(true)
    expect(colored(pipe, {})).toBe(false)
    expect(colored(terminal, { TERM: 'dumb' })).toBe(false)
    expect(colored(terminal, { NO_COLOR: '1' })).toBe(false)
    expect(colored(terminal, { NO_COLOR: '' })).toBe(true)
    expect(colored(pipe, { FORCE_COLOR: '1' })).toBe(true)
    expect(colored(terminal, { FORCE_COLOR: '0' })).toBe(false)
    expect(colored(pipe, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
  })

  it('uses plain symbols where the locale or the terminal cannot show others', () => {
    const check = (env: Record<string, string>) => styleFor({ stream: pipe, env }).symbols.check
    expect(check({})).toBe('✓')
    expect(check({ LANG: 'en_US.UTF-8' })).toBe('✓')
    expect(check({ LANG: 'C' })).toBe('ok')
    expect(check({ LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' })).toBe('ok')
    expect(check({ TERM: 'linux' })).toBe('ok')
  })
})
