import { refuseFlag } from './flag-values.ts'

/**
 * Checks the address of a PostgreSQL that was given at `place`, a flag or a field.
 * @throws {MillraceError} `FLAG_INVALID` naming the place, never the password.
 */
export function checkPostgresUrl(place: string, url: string): string {
  const isOne = URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)
  return isOne
    ? url
    : refuseFlag(place, 'an address such as postgres://user:password@host:5432/database', withoutPassword(url))
}

/** The address as it may be shown: the password in it is nobody's business. */
function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ':…@')
}

/** The address as a later command can have it, where the password comes from the environment (`PGPASSWORD`). */
export function publicUrl(url: string): string {
  if (!URL.canParse(url)) return withoutPassword(url)
  const address = new URL(url)
  address.password = ''
  address.searchParams.delete('password')
  return address.href
}
