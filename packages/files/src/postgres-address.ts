import { accessSync, constants } from 'node:fs'

/** The modes in which `pg` encrypts and looks at the certificate, all of them alike; it warns of all but the last. */
const VERIFIED = ['prefer', 'require', 'verify-ca', 'verify-full']
const SSL_MODES = ['disable', 'no-verify', ...VERIFIED]
const CERTIFICATES = ['sslcert', 'sslkey', 'sslrootcert']

/** An address as `pg` takes it, or what is wrong with it: a phrase without any password. */
export type CheckedAddress = { readonly connectionString: string } | { readonly fault: string }

/** Checks what `pg` would take without a word, or fail over with words of its own: how the connection is encrypted. */
export function checkAddress(url: string): CheckedAddress {
  const { searchParams } = new URL(url)
  const mode = searchParams.get('sslmode')
  if (mode !== null && !SSL_MODES.includes(mode))
    return { fault: `names the sslmode ${JSON.stringify(mode)}; there are ${SSL_MODES.join(', ')}` }
  for (const name of CERTIFICATES) {
    const file = searchParams.get(name)
    if (file !== null && !isReadable(file))
      return { fault: `names the ${name} ${JSON.stringify(file)}, which cannot be read` }
  }
  const isPlain = mode === null || !VERIFIED.includes(mode) || searchParams.has('uselibpqcompat')
  return { connectionString: isPlain ? url : url.replace(/([?&]sslmode=)[^&#]*/, '$1verify-full') }
}

/** What is wrong with a port, which may come from the environment; undefined where nothing is. `pg` would wait for ever for a connection to none. */
export function portFault(port: unknown): string | undefined {
  return Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535
    ? undefined
    : `names no port from 1 to 65535; where the address has none, PGPORT says which${process.env.PGPORT === undefined ? '' : `: ${JSON.stringify(process.env.PGPORT)}`}`
}

/** What of encryption does not pass by itself, in the words of Node and `pg`. */
const UNENCRYPTED = /does not support SSL/
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|ALTNAME|LEAF_SIGNATURE|^ERR_(SSL|TLS)/

/** What to do about a connection that could not be encrypted as it was to be; undefined where it failed for another reason. */
export function encryptionAdvice(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (UNENCRYPTED.test(error.message))
    return 'It takes no encrypted connections: leave out sslmode and PGSSLMODE, or have it take them'
  if ('code' in error && typeof error.code === 'string' && CERTIFICATE.test(error.code))
    return 'Its certificate is not trusted here: name the one that signed it by sslrootcert=FILE, or trust any by sslmode=no-verify'
  return undefined
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}
