import { codeOf } from '../own-fault.ts'
import { connectionFault } from '../tcp/connection-fault.ts'

const SELF_SIGNED = 'its certificate is signed by nobody but itself'
const UNKNOWN_ISSUER = 'its certificate is of an issuer unknown here, or one between is missing'

const FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  CERT_UNTRUSTED: UNKNOWN_ISSUER,
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  INVALID_PURPOSE: 'its certificate is not one of a server',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS',
  ECONNRESET: 'hung up during the TLS handshake',
  EPIPE: 'hung up during the TLS handshake',
}

/** Why a handshake failed. */
export function tlsFault(error: unknown): string {
  const code = codeOf(error) ?? ''
  if (FAULTS[code] !== undefined) return FAULTS[code]
  return code.startsWith('E') && !code.startsWith('ERR_SSL') && code !== 'EPROTO'
    ? connectionFault(error)
    : `the TLS handshake failed (${code})`
}
