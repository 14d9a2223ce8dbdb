/** What a quarantined file's evidence says, by name; a ledger of another version may hold anything. */
export function readEvidence(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { evidence: value }
  } catch {
    return { evidence: json }
  }
}
