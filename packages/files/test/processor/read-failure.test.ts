import { MillraceError } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { fileChanged, isTransient, readFailure } from '../../src/processor/read-failure.ts'

const system = (code: string) => Object.assign(new Error(`${code}: failed`), { code })

describe('readFailure', () => {
  it.each([
    ['ENOENT', 'FILE_VANISHED', false],
    ['ENOTDIR', 'FILE_VANISHED', false],
    ['EACCES', 'FILE_UNREADABLE', false],
    ['EPERM', 'FILE_UNREADABLE', false],
    ['ELOOP', 'FILE_UNREADABLE', false],
    ['ENAMETOOLONG', 'FILE_UNREADABLE', false],
    ['ENXIO', 'FILE_NOT_REGULAR', false],
    ['EISDIR', 'FILE_NOT_REGULAR', false],
    ['EMFILE', 'FILE_READ_FAILED', true],
    ['ENFILE', 'FILE_READ_FAILED', true],
    ['EBUSY', 'FILE_READ_FAILED', true],
    ['EAGAIN', 'FILE_READ_FAILED', true],
    ['ENOMEM', 'FILE_READ_FAILED', true],
    ['EIO', 'FILE_READ_FAILED', true],
    ['EINVAL', 'FILE_READ_FAILED', false],
  ])('%s is %s', (code, expected, transient) => {
    const failure = readFailure(system(code), 'src/a.js')
    expect(failure).toMatchObject({ code: expected, message: expect.stringContaining('src/a.js') })
    expect(failure.message).not.toContain('undefined')
    expect(isTransient(failure)).toBe(transient)
    if (expected === 'FILE_READ_FAILED') expect(failure.detail).toMatchObject({ code, transient })
  })

  it('tells what it has where there is no code', () => {
    expect(readFailure('odd', 'a').message).toContain('odd')
    expect(readFailure(new RangeError('no room'), 'a').message).toContain('no room')
  })

  it('leaves an error of Millrace as it is', () => {
    const error = new MillraceError('FILE_TOO_LARGE', 'too large')
    expect(readFailure(error, 'a')).toBe(error)
  })
})

describe('isTransient', () => {
  it('believes the detail of an error, or the code of a system error', () => {
    expect(isTransient(system('EMFILE'))).toBe(true)
    expect(isTransient(system('ENOENT'))).toBe(false)
    expect(isTransient(fileChanged('a'))).toBe(true)
    expect(isTransient(new MillraceError('X', 'x', { detail: { transient: true } }))).toBe(true)
    expect(isTransient(new MillraceError('EMFILE', 'x'))).toBe(false)
    expect(isTransient(undefined)).toBe(false)
    expect(isTransient(null)).toBe(false)
  })
})
