import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isTransient, readInput } from '../../src/processor/file-input.ts'
import { diskFs } from '../../src/processor/read-fs.ts'
import { stampOf } from '../../src/stamp.ts'
import { discovered } from '../discovered.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

const MB = 1024 * 1024
const read = (root: string, path: string, maxBytes = MB) => readInput(root, discovered(path), maxBytes)
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('readInput', () => {
  it('gives the bytes, their hash, and the text', () => {
    const root = writeTree(temporaryFolder(), { 'dir/a.js': '\ufeffconst wave = "🌊"\n', empty: '' })
    const input = read(root, 'dir/a.js')
    expect(input.bytes).toEqual(Buffer.from('\ufeffconst wave = "🌊"\n'))
    expect(input.hash).toBe(createHash('sha256').update(input.bytes).digest('hex'))
    expect(input.text()).toBe('const wave = "🌊"\n')
    expect(input.text()).toBe(input.text())
    expect(input.absolutePath).toBe(join(root, 'dir/a.js'))
    expect(read(`${root}/`, 'empty')).toMatchObject({
      hash: createHash('sha256').digest('hex'),
      bytes: Buffer.alloc(0),
    })
  })

  it('reads a file of some megabytes whole', () => {
    const bytes = Buffer.alloc(5 * MB, 'millrace ')
    const root = writeTree(temporaryFolder(), { big: bytes })
    expect(read(root, 'big', 5 * MB).hash).toBe(createHash('sha256').update(bytes).digest('hex'))
  })

  it('refuses a file above the limit unread, and takes one at it', () => {
    const root = writeTree(temporaryFolder(), { a: '12345' })
    expect(read(root, 'a', 5).bytes).toHaveLength(5)
    expect(() => read(root, 'a', 4)).toThrow(
      expect.objectContaining({ code: 'FILE_TOO_LARGE', detail: { path: 'a', size: 5, maxBytes: 4 } }),
    )
  })

  it('says that a file is gone, or that its folder is', () => {
    const root = writeTree(temporaryFolder(), { a: '' })
    expect(() => read(root, 'b')).toThrow(code('FILE_VANISHED'))
    expect(() => read(root, 'dir/b')).toThrow(code('FILE_VANISHED'))
    expect(() => read(root, 'a/b')).toThrow(code('FILE_VANISHED'))
  })

  it('reads neither a folder nor a FIFO, and does not wait for a writer', () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'folder'))
    execFileSync('mkfifo', [join(root, 'fifo')])
    expect(() => read(root, 'folder')).toThrow(code('FILE_NOT_REGULAR'))
    expect(() => read(root, 'fifo')).toThrow(code('FILE_NOT_REGULAR'))
    expect(() => readInput('/', discovered('dev/zero'), MB)).toThrow(code('FILE_NOT_REGULAR'))
  })

  it('follows a symbolic link to a file, and not in a circle', () => {
    const root = writeTree(temporaryFolder(), { a: 'linked' })
    symlinkSync('a', join(root, 'link'))
    symlinkSync('round', join(root, 'round'))
    expect(read(root, 'link').text()).toBe('linked')
    expect(() => read(root, 'round')).toThrow(code('FILE_UNREADABLE'))
  })

  it('cannot open a path longer than the system takes', () => {
    const long = 'folder/'.repeat(600)
    expect(() => read(temporaryFolder(), `${long}a.js`)).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE', detail: { path: `${long}a.js`, code: 'ENAMETOOLONG' } }),
    )
  })

  it('refuses a file that another process writes while it is read', async () => {
    const root = temporaryFolder()
    const path = join(root, 'busy')
    writeFileSync(path, Buffer.alloc(8 * MB))
    const writer = spawn(process.execPath, [
      '-e',
      `const fs = require('node:fs'); const file = fs.openSync(${JSON.stringify(path)}, 'r+')
       const until = Date.now() + 100000
       while (Date.now() < until) fs.writeSync(file, 'x', 0)`,
    ])
    onTestFinished(() => {
      writer.kill('SIGKILL')
      rmSync(path, { force: true })
    })
    let refused: unknown
    for (const until = Date.now() + 90_000; refused === undefined && Date.now() < until; ) {
      try {
        read(root, 'busy', 16 * MB)
      } catch (error) {
        refused = error
      }
    }
    expect(refused).toMatchObject({ code: 'FILE_CHANGED' })
    expect(isTransient(refused)).toBe(true)
  })

  describe('the stamp', () => {
    const HOUR_MS = 3_600_000
    const stampAt = (root: string, path: string, wallMs: number) =>
      readInput(root, discovered(path), MB, { fs: diskFs, wallNow: () => wallMs }).stamp

    it('is what a walk by path gives', () => {
      const root = writeTree(temporaryFolder(), { a: 'a' })
      const stamp = stampAt(root, 'a', Date.now() + HOUR_MS)
      expect(stamp).toBe(stampOf(lstatSync(join(root, 'a'), { bigint: true })))
      // The clock of a file system may show the same for some milliseconds.
      const ctimeNs = () => lstatSync(join(root, 'a'), { bigint: true }).ctimeNs
      for (const before = ctimeNs(); ctimeNs() === before; ) writeFileSync(join(root, 'a'), 'b')
      expect(stampAt(root, 'a', Date.now() + HOUR_MS)).not.toBe(stamp)
    })

    it('is null for a file touched less than two seconds before', () => {
      const root = writeTree(temporaryFolder(), { a: 'a' })
      const { ctimeMs } = lstatSync(join(root, 'a'))
      expect(stampAt(root, 'a', ctimeMs + 1999)).toBeNull()
      expect(stampAt(root, 'a', ctimeMs + 2002)).not.toBeNull()
    })

    it('looks at both times, for a tool that sets one back leaves the other', () => {
      const root = writeTree(temporaryFolder(), { a: 'a' })
      utimesSync(join(root, 'a'), 0, 0)
      expect(stampAt(root, 'a', lstatSync(join(root, 'a')).ctimeMs + 1000)).toBeNull()
      utimesSync(join(root, 'a'), (Date.now() + HOUR_MS) / 1000, (Date.now() + HOUR_MS) / 1000)
      expect(stampAt(root, 'a', Date.now() + HOUR_MS / 2)).toBeNull()
      expect(stampAt(root, 'a', Date.now() + 2 * HOUR_MS)).not.toBeNull()
    })

    it('is null where the clock jumped back and left the file in the future', () => {
      const root = writeTree(temporaryFolder(), { a: 'a' })
      expect(stampAt(root, 'a', Date.now() - 24 * HOUR_MS)).toBeNull()
    })

    it('is that of before the clock jumped, where it did so during the read', () => {
      const root = writeTree(temporaryFolder(), { a: 'a' })
      const times = [Date.now(), Date.now() + HOUR_MS]
      const { stamp } = readInput(root, discovered('a'), MB, { fs: diskFs, wallNow: () => times.shift()! })
      expect(stamp).toBeNull()
    })
  })

  it('closes what it opened, however the read ends', () => {
    const root = writeTree(temporaryFolder(), { a: 'a', b: 'bb' })
    let open = 0
    const fs = {
      ...diskFs,
      open: (path: string) => {
        open++
        return diskFs.open(path)
      },
      read: (fd: number, to: Buffer, at: number, length: number) => {
        if (length === 3) throw Object.assign(new Error('EIO: read'), { code: 'EIO' })
        return diskFs.read(fd, to, at, length)
      },
      close: (fd: number) => {
        open--
        diskFs.close(fd)
      },
    }
    const ports = { fs, wallNow: Date.now }
    readInput(root, discovered('a'), MB, ports)
    expect(() => readInput(root, discovered('b'), MB, ports)).toThrow(code('FILE_READ_FAILED'))
    expect(() => readInput(root, discovered('b'), 1, ports)).toThrow(code('FILE_TOO_LARGE'))
    expect(() => readInput(root, discovered('.'), MB, ports)).toThrow(code('FILE_NOT_REGULAR'))
    expect(open).toBe(0)
  })
})
