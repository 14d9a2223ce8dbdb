import { describe, expect, test } from 'vitest'
import { Folder, runMillrace } from '../run-millrace.ts'

describe('millrace intents model', () => {
  test('calculates without a database, for programs too', async () => {
    await using folder = await Folder.with()
    const { code, stdout } = await runMillrace(folder.path, ['intents', 'model', '--rate', '2000', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ regime: 'time', fill: { mean: 21, p5: 14, p95: 29 } })
  })
})

describe('millrace intents tune', () => {
  test('says where no database answers, and keeps the password to itself', async () => {
    await using folder = await Folder.with()
    const url = 'postgres://ada:secret@127.0.0.1:1/game'
    const { code, stdout, stderr } = await runMillrace(folder.path, ['intents', 'tune', '--postgres', url, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'SINK_UNREACHABLE' })
    expect(stderr).toMatch(/PostgreSQL at 127\.0\.0\.1:1 .*ECONNREFUSED/)
    expect(stdout + stderr).not.toContain('secret')
  })

  test('names the flag at fault', async () => {
    await using folder = await Folder.with()
    const url = 'postgres://127.0.0.1:1/game'
    const { code, stderr } = await runMillrace(folder.path, ['intents', 'tune', '--postgres', url, '--sizes', '1,many'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^millrace: --sizes must be .* got "many"/)])
  })
})
