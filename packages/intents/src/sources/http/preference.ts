/** What a client prefers to wait for (RFC 7240). */
export type Preference =
  | { readonly kind: 'commit' }
  /** For nothing: an intent that was admitted is answered at once. */
  | { readonly kind: 'admission' }
  /** For the commit, but no longer than this. */
  | { readonly kind: 'commit-within'; readonly seconds: number }

/**
 * Reads a `Prefer` header: `respond-async`, `wait=N`, or both, which is the same as `wait=N`. What it does not know, it passes over, as the RFC
 * has it.
 */
export function readPreference(header: string | undefined, maxWaitSeconds: number): Preference {
  let isAsync = false
  let seconds: number | undefined
  for (const part of (header ?? '').split(',')) {
    const [name = '', value = ''] = (part.split(';', 1)[0] ?? '').split('=').map((text) => text.trim())
    if (name.toLowerCase() === 'respond-async') isAsync = true
    else if (name.toLowerCase() === 'wait' && /^"?\d{1,9}"?$/.test(value)) seconds ??= Number(value.replaceAll('"', ''))
  }
  if (seconds !== undefined) return { kind: 'commit-within', seconds: Math.min(seconds, maxWaitSeconds) }
  return { kind: isAsync ? 'admission' : 'commit' }
}

/** What was done of it, as a header. */
export function preferenceHeaders(preference: Preference): Record<string, string> {
  if (preference.kind === 'commit') return {}
  return { 'preference-applied': preference.kind === 'admission' ? 'respond-async' : `wait=${preference.seconds}` }
}
