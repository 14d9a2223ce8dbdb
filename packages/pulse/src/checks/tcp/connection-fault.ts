import { codeOf } from '../own-fault.ts'

const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'hung up',
  EPIPE: 'hung up',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'cannot be reached: no way leads there',
  ENETUNREACH: 'cannot be reached: no way leads there',
  EADDRNOTAVAIL: 'cannot be reached: no way leads there',
  EACCES: 'connections to it are forbidden here',
  EPERM: 'connections to it are forbidden here',
}

/** Errors that say less of a host than those of its other addresses. */
const UNREACHABLE = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']

/** Why there is no connection, or no longer one. */
export function connectionFault(error: unknown): string {
  const code = codeOf(error) ?? 'no reason was given'
  return FAULTS[code] ?? `cannot be reached (${code})`
}

/** Whether there is no way from here to an address at all: one of a family that is not in use here, mostly. */
export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.includes(codeOf(error) ?? '')
}
