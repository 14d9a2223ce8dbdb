import { expect, it } from 'vitest'
import { controlAddress } from '../../src/control/control-address.ts'

const linux = { platform: 'linux', tmpdir: '/tmp' } as const

it('is beside the ledger where a socket may have so long a path', () => {
  expect(controlAddress('/work/.millrace', linux)).toBe('/work/.millrace/control.sock')
})

it('has a short name elsewhere where the path is too long, in bytes, and is another one for each folder', () => {
  const long = `/${'d'.repeat(100)}/.millrace`
  expect(controlAddress(long, linux)).toMatch(/^\/tmp\/millrace-[0-9a-f]{16}\.sock$/)
  expect(controlAddress(long, linux)).not.toBe(controlAddress(`${long}2`, linux))
  expect(controlAddress(`/${'漢'.repeat(30)}/.millrace`, linux)).toMatch(/^\/tmp\//)
})

it('is a named pipe on Windows', () => {
  expect(controlAddress('C:\\work\\.millrace', { platform: 'win32', tmpdir: 'C:\\tmp' })).toMatch(
    /^\\\\\.\\pipe\\millrace-[0-9a-f]{16}$/,
  )
})
