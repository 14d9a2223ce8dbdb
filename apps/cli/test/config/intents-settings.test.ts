import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { isLoopback, loadServeSettings, type ServeFlags } from '../../src/config/intents-settings.ts'
import { Folder } from '../run-millrace.ts'

/** A definition in plain JavaScript: what `defineIntent` gives is an object, and these folders have no packages. */
const MOVE = `{ type: 'move', target: { kind: 'insert', table: 'moves', columns: {} }, toRow: (p) => p }`

const configWith = (section: string) => ({ 'millrace.config.js': `export default { intents: ${section} }` })

describe('the settings of a server', () => {
  it('are a store of documents on this machine, where nothing says otherwise', async () => {
    await using folder = await Folder.with()
    const settings = await loadServeSettings(folder.path, {})
    expect(settings).toMatchObject({
      ...{ host: '127.0.0.1', port: 8787, tokens: [], isDemo: true, postgres: undefined, drainMs: 30_000 },
      stateDir: folder.at('.millrace'),
    })
    expect(settings.scheduler.intents.map(({ type }) => type)).toEqual(['document.patch'])
    expect(settings.setUp).toHaveLength(1)
  })

  it('come from the file, and flags beat it', async () => {
    await using folder = await Folder.with({
      'config/mine.js': `export default { files: { workerCount: 2 }, intents: {
        intents: [${MOVE}], postgres: 'postgres://localhost/game', port: 1, tokens: ['from-the-file'],
        stateDir: 'state', setUp: ['CREATE TABLE x ()'], preset: 'small', timeWindowMs: 5 } }`,
    })
    const flags = { config: 'config/mine.js', port: 2, preset: 'large', drain: 1.5 } as const
    expect(await loadServeSettings(folder.path, flags)).toMatchObject({
      ...{ port: 2, isDemo: false, postgres: 'postgres://localhost/game', tokens: ['from-the-file'], drainMs: 1500 },
      stateDir: folder.at('config/state'),
      setUp: ['CREATE TABLE x ()'],
      scheduler: { preset: 'large', timeWindowMs: 5, intents: [{ type: 'move' }] },
    })
  })

  it('take tokens from a file, one a line', async () => {
    await using folder = await Folder.with({ 'tokens.txt': '# players\nfirst-token\n\n  second-token \n' })
    const { tokens } = await loadServeSettings(folder.path, { tokenFile: 'tokens.txt', token: ['another-token'] })
    expect(tokens).toEqual(['another-token', 'first-token', 'second-token'])
  })

  it.each<[string, ServeFlags, Readonly<Record<string, string>>, string, RegExp]>([
    ['an address that is none', { postgres: 'localhost' }, {}, 'FLAG_INVALID', /--postgres must be an address such as/],
    ['another database', { postgres: 'mysql://u:secret@h/d' }, {}, 'FLAG_INVALID', /^(?!.*secret).*mysql/],
    ['a bad one in the file', {}, configWith(`{ postgres: 'x' }`), 'FLAG_INVALID', /intents\.postgres must be/],
    ['no token file', { tokenFile: 'gone.txt' }, {}, 'FLAG_INVALID', /--token-file cannot be read: .*gone\.txt/],
    ['an empty token file', { tokenFile: 't' }, { t: '# none\n' }, 'FLAG_INVALID', /a file with a token a line/],
    ['another host', { host: '0.0.0.0' }, {}, 'FLAG_INVALID', /On 0\.0\.0\.0 other machines can write.*--insecure/],
    ['no configuration', { config: 'gone.ts' }, {}, 'CONFIG_MISSING', /gone\.ts/],
    [
      'a typo',
      {},
      configWith('{ timeWindow: 5 }'),
      'CONFIG_INVALID',
      /intents\.timeWindow is no known field\. Did you mean timeWindowMs\?/,
    ],
    ['a section that is none', {}, configWith('5'), 'CONFIG_INVALID', /intents must be an object, got 5/],
    ['no definitions', {}, configWith('{ intents: [] }'), 'CONFIG_INVALID', /intents\.intents must have at least one/],
    [
      'a definition that is none',
      {},
      configWith(`{ intents: [${MOVE}, {}] }`),
      'CONFIG_INVALID',
      /intents\.intents\[1\] must be what defineIntent gives/,
    ],
    ['a port that is none', {}, configWith('{ port: 70000 }'), 'CONFIG_INVALID', /intents\.port must be a port/],
  ])('are refused for %s', async (_, flags, files, code, says) => {
    await using folder = await Folder.with(files)
    expect(await messageOf(code, () => loadServeSettings(folder.path, flags))).toMatch(says)
  })

  it('let other machines in with a token, or where that is said', async () => {
    await using folder = await Folder.with()
    const host = '0.0.0.0'
    expect((await loadServeSettings(folder.path, { host, token: ['correct-horse'] })).host).toBe(host)
    expect((await loadServeSettings(folder.path, { host, insecure: true })).host).toBe(host)
  })
})

it.each([
  ...['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'].map((host) => [host, true] as const),
  ...['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', ''].map(
    (host) => [host, false] as const,
  ),
])('%s is this machine: %s', (host, is) => {
  expect(isLoopback(host)).toBe(is)
})
