import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadResumeSettings, loadSettings } from '../../src/config/settings.ts'

let cwd = ''
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-settings-'))
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFile(join(cwd, name), text)

describe('settings', () => {
  it('have defaults', async () => {
    expect(await loadSettings(cwd, {})).toEqual({
      dir: cwd,
      stateDir: join(cwd, '.millrace'),
      config: { stateDir: join(cwd, '.millrace') },
    })
  })

  it('come from flags before the profile before the file', async () => {
    const files = {
      dir: 'a',
      workerCount: 1,
      batchSize: 10,
      discover: { hidden: true, include: ['*.a'] },
      out: 'a.jsonl',
    }
    const quick = { dir: 'b', workerCount: 2, discover: { include: ['*.b'] } }
    await write('millrace.config.json', JSON.stringify({ files, profiles: { quick: { files: quick }, bare: {} } }))
    const ofFile = await loadSettings(cwd, {})
    expect(ofFile).toMatchObject({ dir: join(cwd, 'a'), config: { workerCount: 1, out: join(cwd, 'a.jsonl') } })
    expect(await loadSettings(cwd, { profile: 'bare' })).toEqual(ofFile)
    expect(await loadSettings(cwd, { profile: 'quick' })).toMatchObject({
      dir: join(cwd, 'b'),
      config: { workerCount: 2, batchSize: 10, discover: { hidden: true, include: ['*.b'] } },
    })
    const flags = { workerCount: 3, dir: '/c', discover: { vendor: true } }
    expect(await loadSettings(cwd, { profile: 'quick', state: 's' }, flags)).toMatchObject({
      dir: '/c',
      stateDir: join(cwd, 's'),
      config: { workerCount: 3, batchSize: 10, discover: { hidden: true, vendor: true, include: ['*.b'] } },
    })
  })

  it('leave results that go to no file where they go', async () => {
    const outOf = async (out: string) => {
      await write('places.json', JSON.stringify({ files: { out } }))
      return (await loadSettings('/', { config: join(cwd, 'places.json') })).config.out
    }
    expect(await outOf('-')).toBe('-')
    expect(await outOf('postgres://me@host/db?table=t')).toBe('postgres://me@host/db?table=t')
    expect(await outOf('sub/r.jsonl')).toBe(join(cwd, 'sub/r.jsonl'))
    expect((await loadSettings(cwd, {}, { out: '-' })).config.out).toBe('-')
  })

  it('count relative paths of a file from the file', async () => {
    await write(
      'other.json',
      JSON.stringify({ files: { processors: ['./p.ts', 'syntax'], transforms: ['./t.ts'], stateDir: 'state' } }),
    )
    const settings = await loadSettings('/', { config: join(cwd, 'other.json') })
    expect(settings.stateDir).toBe(join(cwd, 'state'))
    expect(settings.config.processors).toEqual([join(cwd, 'p.ts'), 'syntax'])
    expect(settings.config.transforms).toEqual([join(cwd, 't.ts')])
  })

  it('are read from TypeScript and JavaScript', async () => {
    await write('a.ts', 'const workerCount: number = 5\nexport default { files: { workerCount } }\n')
    await write('b.js', 'export default { files: { workerCount: 6 } }\n')
    await write('package.json', '{"type":"module"}')
    expect(await loadSettings(cwd, { config: 'a.ts' })).toMatchObject({ config: { workerCount: 5 } })
    expect(await loadSettings(cwd, { config: 'b.js' })).toMatchObject({ config: { workerCount: 6 } })
  })

  it('refuse a file that is not there, does not run, or is not valid', async () => {
    await expect(loadSettings(cwd, { config: 'gone.ts' })).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
      message: `There is no configuration file ${join(cwd, 'gone.ts')}. Check --config.`,
    })
    await write('bad.json', '{"files": }')
    await expect(loadSettings(cwd, { config: 'bad.json' })).rejects.toMatchObject({ code: 'CONFIG_LOAD_FAILED' })
    await write('throws.js', 'throw new Error("not today")')
    await expect(loadSettings(cwd, { config: 'throws.js' })).rejects.toMatchObject({
      code: 'CONFIG_LOAD_FAILED',
      message: expect.stringContaining('not today'),
    })
    await write('typo.json', '{"files":{"workers":2}}')
    await expect(loadSettings(cwd, { config: 'typo.json' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('refuse two files that could both be meant', async () => {
    await write('millrace.config.json', '{}')
    await write('millrace.config.ts', 'export default {}')
    await expect(loadSettings(cwd, {})).rejects.toMatchObject({ code: 'CONFIG_AMBIGUOUS' })
    await expect(loadSettings(cwd, { config: 'millrace.config.json' })).resolves.toBeDefined()
  })

  it('refuse a profile that nobody defined, and say who could', async () => {
    await expect(loadSettings(cwd, { profile: 'demo' })).rejects.toMatchObject({
      code: 'PROFILE_UNKNOWN',
      message: `There is no profile "demo": ${cwd} has no millrace.config.ts, .js or .json to define it.`,
    })
    await write('millrace.config.json', '{"profiles":{"demo":{},"full":{}}}')
    await expect(loadSettings(cwd, { profile: 'dmo' })).rejects.toMatchObject({
      message: expect.stringMatching(/defines demo, full\. Did you mean demo\?$/),
    })
    await expect(loadSettings(cwd, { profile: 'toString' })).rejects.toMatchObject({ code: 'PROFILE_UNKNOWN' })
  })

  it('of a resumed job are its own, but for flags and for what is code', async () => {
    await write(
      'millrace.config.js',
      `export default { files: { workerCount: 7, out: 'x', stateDir: 's', sink: { name: 'mine' }, priority: () => 1, discover: { hidden: true } } }`,
    )
    await write('package.json', '{"type":"module"}')
    const { stateDir, config } = await loadResumeSettings(cwd, {}, { memoryLimitMb: 512, cpuProfDir: 'p' })
    expect(stateDir).toBe(join(cwd, 's'))
    expect(config).toEqual({
      sink: { name: 'mine' },
      priority: expect.any(Function),
      memoryLimitMb: 512,
      cpuProfDir: join(cwd, 'p'),
      stateDir,
    })
  })
})
