import { describe, expect, test } from 'vitest'
import { smoke } from '../smoke.ts'
import { copyOfFixture } from './fixture.ts'

describe('smoke', { timeout: 60_000 }, () => {
  test('passes on a package that installs, types and imports', async () => {
    expect(await smoke(copyOfFixture('packaging/clean'))).toEqual({ summary: '1 packages installed', problems: [] })
  })

  test('fails where the consumer finds no such export', async () => {
    const { problems } = await smoke(copyOfFixture('packaging/wrong-consumer'))
    expect(problems).toEqual([
      expect.stringMatching(/moduleResolution nodenext.*TS2305/s),
      expect.stringMatching(/moduleResolution bundler.*TS2305/s),
    ])
  })

  test('fails where the installed package throws on import', async () => {
    const { problems } = await smoke(copyOfFixture('packaging/throws-on-import'))
    expect(problems).toEqual([expect.stringMatching(/^import of @house\/part.*part broke on import/s)])
  })
})
