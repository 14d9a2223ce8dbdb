import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { smoke } from '../smoke.ts'
import { copyOfFixture, fixture } from './fixture.ts'

describe('smoke', () => {
  test('passes on a package that installs, types and imports', async () => {
    expect(await smoke(copyOfFixture('packaging/clean'))).toEqual({ summary: '1 packages installed', problems: [] })
  })

  test('fails where the consumer finds no such export, and where the installed package throws on import', async () => {
    const root = copyOfFixture('packaging/throws-on-import')
    const consumer = 'checks/fixtures/smoke'
    cpSync(fixture(`packaging/wrong-consumer/${consumer}`), join(root, consumer), { recursive: true })
    const { problems } = await smoke(root)
    expect(problems).toEqual([
      expect.stringMatching(/moduleResolution nodenext.*TS2305/s),
      expect.stringMatching(/moduleResolution bundler.*TS2305/s),
      expect.stringMatching(/^import of @house\/part.*part broke on import/s),
    ])
  })
})
