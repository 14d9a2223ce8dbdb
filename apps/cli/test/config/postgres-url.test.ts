import { expect, it } from 'vitest'
import { checkPostgresUrl, publicUrl } from '../../src/config/postgres-url.ts'
import { hidePasswords } from '../../src/hide-passwords.ts'

const SECRET = /p@ss|w\/rd|secret|hush/

it.each([
  'postgres://we ird@x:p@ss:w/rd?#% ü@127.0.0.1:5432/jobs',
  'postgres://jobs:w/rd-secret@db.example/jobs',
  'postgres://jobs:hush@db.example:port/jobs',
  'mysql://jobs:hush@db.example/jobs',
  'host=db.example password=secret dbname=jobs',
])('of %s no password is shown, and it is said how to write one', (url) => {
  const refuse = () => checkPostgresUrl('--postgres', url)
  expect(refuse).toThrow(expect.objectContaining({ code: 'FLAG_INVALID' }))
  expect(refuse).not.toThrow(SECRET)
  if (url.includes('@'))
    expect(refuse).toThrow(/a sign with a meaning in the password is written as %40, or it is in PGPASSWORD, got/)
})

it('what is an address is taken as it is', () => {
  const url = 'postgresql://we%20ird%40x:p%40ss%3Aw%2Frd@[::1]:5432/jobs?sslmode=disable'
  expect(checkPostgresUrl('files.postgres', url)).toBe(url)
  expect(publicUrl(url)).toBe('postgresql://we%20ird%40x@[::1]:5432/jobs?sslmode=disable')
  expect(publicUrl('postgres://jobs@db/jobs?password=hush&sslmode=disable')).toBe(
    'postgres://jobs@db/jobs?sslmode=disable',
  )
})

it('a command is listed without the passwords in it, and as it is where there are none', () => {
  const titled = (...args: readonly string[]) => {
    const process = { title: 'node', argv: ['node', 'main.ts', ...args] }
    hidePasswords(process)
    return process.title
  }
  expect(titled('files', 'jobs', '--postgres', 'postgres://jobs:p@ss@db.example/jobs', '--json')).toBe(
    'millrace files jobs --postgres postgres://jobs:…@db.example/jobs --json',
  )
  expect(titled('files', 'jobs', '--postgres=postgres://db/jobs?user=x&password=hush')).toBe(
    'millrace files jobs --postgres=postgres://db/jobs?user=x&password=…',
  )
  expect(titled('files', 'run', 'a@b:c', '--postgres', 'postgres://jobs@db.example:5432/jobs')).toBe('node')
})
