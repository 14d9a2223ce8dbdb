import { describe, expect, test } from 'vitest'
import { entryArgs } from '../src/entry-args.ts'

describe('entryArgs', () => {
  test('passes on what decides how modules are loaded, values included', () => {
    const given = [
      '--conditions=x',
      '-C',
      'y',
      '--import',
      './hook.ts',
      '--enable-source-maps',
      '--cpu-prof',
      '-r',
      'z',
    ]
    expect(entryArgs(given)).toEqual(given)
  })

  test('leaves out what would run the script again, or keep a process from starting', () => {
    const given = [
      '--input-type=module',
      '-e',
      'process.exit(9)',
      '--conditions=x',
      '--inspect=9229',
      '--test',
      '--watch',
    ]
    expect(entryArgs(given)).toEqual(['--conditions=x'])
  })

  test('a flag that wants a value and has none is left as it is', () => {
    expect(entryArgs(['-C'])).toEqual(['-C'])
  })
})
