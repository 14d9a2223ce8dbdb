import { expect, it } from 'vitest'
import { checkAddress, encryptionAdvice, portFault } from '../src/postgres-address.ts'

const AT = 'postgres://jobs@db.example/jobs'

it('encrypts and verifies alike by every mode that says so, and warns of none', () => {
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full'])
    expect(checkAddress(`${AT}?a=1&sslmode=${mode}&b=2`)).toEqual({
      connectionString: `${AT}?a=1&sslmode=verify-full&b=2`,
    })
  for (const plain of [
    AT,
    `${AT}?sslmode=disable`,
    `${AT}?sslmode=no-verify`,
    `${AT}?sslmode=require&uselibpqcompat=true`,
  ])
    expect(checkAddress(plain)).toEqual({ connectionString: plain })
})

it('says what of an address cannot be meant', () => {
  expect(checkAddress(`${AT}?sslmode=on`)).toEqual({
    fault: 'names the sslmode "on"; there are disable, no-verify, prefer, require, verify-ca, verify-full',
  })
  expect(checkAddress(`${AT}?sslrootcert=/nowhere/ca.pem`)).toEqual({
    fault: 'names the sslrootcert "/nowhere/ca.pem", which cannot be read',
  })
  expect([1, 5432, 65_535].map(portFault)).toEqual([undefined, undefined, undefined])
  for (const port of [0, 65_536, Number.NaN]) expect(portFault(port)).toContain('PGPORT')
})

it('knows what of encryption does not pass by itself', () => {
  const error = (message: string, code?: string) => Object.assign(new Error(message), { code })
  expect(encryptionAdvice(error('The server does not support SSL connections'))).toContain('leave out sslmode')
  for (const code of [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])
    expect(encryptionAdvice(error('not so', code)), code).toContain('sslrootcert=FILE')
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', undefined])
    expect(encryptionAdvice(error('away', code))).toBeUndefined()
})
