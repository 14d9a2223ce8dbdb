import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openChokidarWatcher } from '../../src/watch/chokidar-watcher.ts'
import { openTreeWatcher } from '../../src/watch/open-tree-watcher.ts'
import { openParcelWatcher } from '../../src/watch/parcel-watcher.ts'
import { watchFailed } from '../../src/watch/tree-watcher.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

/** What every watcher must tell. */
describe.each([
  ['@parcel/watcher', openParcelWatcher],
  ['chokidar', openChokidarWatcher],
] as const)('%s', (name, open) => {
  /** A watcher on `root`, and how to wait until it has told of all these paths. */
  async function watching(root: string, ignored: { readonly names?: string[]; readonly paths?: string[] } = {}) {
    const told = new Set<string>()
    let look = () => {}
    const watcher = await open({
      root,
      ignoredNames: ignored.names ?? [],
      ignoredPaths: ignored.paths ?? [],
      onChanges: (paths) => {
        for (const path of paths) told.add(path)
        look()
      },
      onLost: (reason) => expect.unreachable(reason),
    })
    onTestFinished(() => watcher!.close())
    const all = (...paths: string[]) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (paths.every((path) => told.has(join(root, path)))) resolve()
        }
        look()
      })
    return { told, all, watcher: watcher! }
  }

  test('tells of what is made, changed, moved and removed, at any depth', async () => {
    const root = writeTree(temporaryFolder(), { 'a.ts': '1', 'deep/er/b.ts': '1', 'gone.ts': '1', 'old/c.ts': '1' })
    const { all, watcher } = await watching(root)
    expect(watcher.name).toBe(name)
    writeFileSync(join(root, 'a.ts'), '22')
    writeFileSync(join(root, 'deep/er/b.ts'), '22')
    writeFileSync(join(root, 'new.ts'), '1')
    rmSync(join(root, 'gone.ts'))
    await all('a.ts', 'deep/er/b.ts', 'new.ts', 'gone.ts')
    renameSync(join(root, 'old'), join(root, 'moved'))
    await all('moved')
    mkdirSync(join(root, 'made'))
    await all('made')
    writeFileSync(join(root, 'made/d.ts'), '1')
    await all('made/d.ts')
  })

  test('tells of what happens in folders that were made with folders in them, or moved', async () => {
    const root = writeTree(temporaryFolder(), { 'old/er/c.ts': '1' })
    const { all, told } = await watching(root)
    /** Edits until it is told of: for a moment a new folder is watched by nobody, and is itself told of again afterwards. */
    const editUntilTold = async (path: string) => {
      for (let n = 0; n < 1000 && !told.has(join(root, path)); n++) {
        writeFileSync(join(root, path), String(n))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      expect(told).toContain(join(root, path))
    }
    writeTree(root, { 'made/at/once/a.ts': '1' })
    await all('made')
    await editUntilTold('made/at/once/a.ts')
    renameSync(join(root, 'old'), join(root, 'moved'))
    await all('moved')
    await editUntilTold('moved/er/c.ts')
  })

  test('passes over what it is told to', async () => {
    const root = writeTree(temporaryFolder(), { 'node_modules/x/a.js': '1', 'own/ledger': '1', 'a.ts': '1' })
    const { all, told } = await watching(root, { names: ['node_modules'], paths: [join(root, 'own')] })
    writeFileSync(join(root, 'node_modules/x/a.js'), '22')
    writeFileSync(join(root, 'own/ledger'), '22')
    writeFileSync(join(root, 'a.ts'), '22')
    await all('a.ts')
    expect([...told].filter((path) => /node_modules.|own./.test(path))).toEqual([])
  })
})

test('the first that loads is taken', async () => {
  const options = { ignoredNames: [], ignoredPaths: [], onChanges: () => {}, onLost: () => {} }
  const watcher = await openTreeWatcher({ root: temporaryFolder(), ...options })
  expect(watcher.name).toBe('@parcel/watcher')
  await watcher.close()
})

test('a folder that cannot be watched: what, and what to do', async () => {
  const root = join(temporaryFolder(), 'absent')
  await expect(
    openParcelWatcher({ root, ignoredNames: [], ignoredPaths: [], onChanges: () => {}, onLost: () => {} }),
  ).rejects.toMatchObject({ code: 'WATCH_FAILED', message: expect.stringContaining(root) })
  expect(watchFailed('/tree', new Error('inotify_add_watch failed: No space left on device')).message).toBe(
    '"/tree" cannot be watched: inotify_add_watch failed: No space left on device. The system lets a user watch only so many folders: raise fs.inotify.max_user_watches, or exclude some.',
  )
})
