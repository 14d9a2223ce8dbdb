import { refuseFlag } from './flag-values.ts'

/**
 * Checks the address of a PostgreSQL that was given at `place`, a flag or a field.
 * @throws {MillraceError} `FLAG_INVALID` naming the place, never the password.
 */
export function checkPostgresUrl(place: string, url: string): string {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return url
  const isAboutPassword = /:\/\/[^:]*:.*@/s.test(url)
  const signs = isAboutPassword
    ? ', where a sign with a meaning in the password is written as %40, or it is in PGPASSWORD'
    : ''
  return refuseFlag(
    place,
    `an address such as postgres://user:password@host:5432/database${signs}`,
    withoutPassword(url),
  )
}

/** A text as it may be shown, where it may be an address, well-formed or not: nobody knows where a password in one ends, but for the last @. */
export function withoutPassword(text: string): string {
  return text.replace(/^([^:]*:\/\/[^:]*):.*@/s, '$1:…@').replace(/(password=)[^&\s]*/gi, '$1…')
}

/** The address as a later command can have it, where the password comes from the environment (`PGPASSWORD`). */
export function publicUrl(url: string): string {
  if (!URL.canParse(url)) return withoutPassword(url)
  const address = new URL(url)
  address.password = ''
  address.searchParams.delete('password')
  return address.href
}
