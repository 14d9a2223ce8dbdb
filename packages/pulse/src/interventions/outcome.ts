import type { InterventionOutcome } from './intervention.ts'

export const accepted = (detail?: string): InterventionOutcome =>
  detail === undefined ? { status: 'accepted' } : { status: 'accepted', detail }

export const refused = (reason: string): InterventionOutcome => ({ status: 'refused', reason })

export const unknown = (reason: string): InterventionOutcome => ({ status: 'unknown', reason })

/** Its time was over before anything was done. */
export const NOT_BEGUN = refused('its time was over before it began')
