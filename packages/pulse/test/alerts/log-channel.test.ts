import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logChannel } from '../../src/alerts/log-channel.ts'
import { delivered, failureOf, faultsOf, opened } from './opened.ts'
import { ALERT } from './samples.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-pulse-log-'))
  file = join(folder, 'logs', 'alerts.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function idsIn(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => (JSON.parse(line) as { id: string }).id)
}

describe('logChannel', () => {
  it('appends a line for each alert, in order, making its folder', async () => {
    await using channel = opened(logChannel, { file })
    await delivered(channel)
    const ids = Array.from({ length: 2000 }, (_, index) => `a${index}`)
    await Promise.all(ids.map((id) => delivered(channel, { id, reason: 'two\nlines' })))
    expect(idsIn(file)).toEqual([ALERT.id, ...ids])
  })

  it('goes on where it was, in a new file when the old one was renamed or removed', async () => {
    await using first = opened(logChannel, { file })
    await delivered(first, { id: 'a' })
    await using channel = opened(logChannel, { file })
    await delivered(channel, { id: 'b' })
    renameSync(file, `${file}.1`)
    await delivered(channel, { id: 'c' })
    expect([idsIn(`${file}.1`), idsIn(file)]).toEqual([['a', 'b'], ['c']])
    rmSync(join(folder, 'logs'), { recursive: true })
    await delivered(channel, { id: 'd' })
    expect(idsIn(file)).toEqual(['d'])
  })

  it('ends a line that was torn', async () => {
    await using channel = opened(logChannel, { file })
    await delivered(channel, { id: 'a' })
    await channel[Symbol.asyncDispose]()
    appendFileSync(file, '{"id":"to')
    await delivered(channel, { id: 'b' })
    expect(
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => line.slice(0, 9)),
    ).toEqual(['{"id":"a"', '{"id":"to', '{"id":"b"', ''])
  })

  it.skipIf(!existsSync('/dev/full'))('fails for now on a full disk', async () => {
    await using channel = opened(logChannel, { file: '/dev/full' })
    for (const _ of [1, 2]) {
      expect(await failureOf(channel)).toMatchObject({ isPassing: true, message: expect.stringContaining('ENOSPC') })
    }
  })

  it('fails for now where the name is a folder, and goes on when it is not', async () => {
    mkdirSync(file, { recursive: true })
    await using channel = opened(logChannel, { file })
    expect(await failureOf(channel)).toMatchObject({ isPassing: true, message: expect.stringContaining('EISDIR') })
    rmSync(file, { recursive: true })
    await delivered(channel)
    expect(idsIn(file)).toEqual([ALERT.id])
  })

  it('is not held up by a pipe that nobody reads, and writes to one that somebody does', async () => {
    const pipe = join(folder, 'pipe')
    if (spawnSync('mkfifo', [pipe]).status !== 0) return
    await using channel = opened(logChannel, { file: pipe })
    expect(await failureOf(channel)).toMatchObject({ isPassing: true, message: expect.stringContaining('ENXIO') })
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    await delivered(channel)
    const bytes = Buffer.alloc(4096)
    const text = bytes.toString('utf8', 0, readSync(reader, bytes))
    closeSync(reader)
    expect(JSON.parse(text)).toMatchObject({ id: ALERT.id })
  })

  it('has a name for its file', () => {
    expect(faultsOf(logChannel, {})).toEqual([expect.stringContaining('file')])
  })
})
