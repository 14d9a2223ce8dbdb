import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isTransient, readInput } from '../../src/processor/file-input.ts'
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
  }, 5000)

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
       const until = Date.now() + 10000
       while (Date.now() < until) fs.writeSync(file, 'x', 0)`,
    ])
    onTestFinished(() => {
      writer.kill('SIGKILL')
      rmSync(path, { force: true })
    })
    let refused: unknown
    for (const until = Date.now() + 9000; refused === undefined && Date.now() < until; ) {
      try {
        read(root, 'busy', 16 * MB)
      } catch (error) {
        refused = error
      }
    }
    expect(refused).toMatchObject({ code: 'FILE_CHANGED' })
    expect(isTransient(refused)).toBe(true)
  }, 20_000)
})
