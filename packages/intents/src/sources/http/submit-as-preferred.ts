import type { Intent, IntentResult } from '../../intent/intent.ts'
import type { SourceScheduler } from '../intent-source.ts'
import type { RequestTerms } from './request-terms.ts'

type SubmissionTerms = Pick<RequestTerms, 'scheduler' | 'preference' | 'clock'>

/** How an intent ended, as far as its client waited. */
export type Ending =
  | { readonly result: IntentResult | { readonly status: 'accepted' }; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: unknown }

/** Admitted, and not yet known to be committed. */
const ACCEPTED: Ending = { result: { status: 'accepted' } }

/** Whether its client did not wait for the commit. */
export function isAccepted({ result }: Ending): boolean {
  return result?.status === 'accepted'
}

/** Submits an intent, and waits as its client prefers. Never rejects. */
export async function submitOne(intent: Intent, terms: SubmissionTerms): Promise<Ending> {
  if (terms.preference.kind === 'admission') return enqueue(terms.scheduler, intent)
  return waitAsPreferred(settled(terms.scheduler, intent), ACCEPTED, terms)
}

/** Submits several, and waits as their client prefers: for all of them, or for none. */
export async function submitAll(intents: readonly Intent[], terms: SubmissionTerms): Promise<readonly Ending[]> {
  const { scheduler, preference } = terms
  if (preference.kind === 'admission') return intents.map((intent) => enqueue(scheduler, intent))
  return waitAsPreferred<readonly Ending[]>(
    scheduler.submitMany(intents),
    intents.map(() => ACCEPTED),
    terms,
  )
}

function enqueue(scheduler: SourceScheduler, intent: Intent): Ending {
  try {
    scheduler.enqueue(intent)
    return ACCEPTED
  } catch (error) {
    return { error }
  }
}

async function settled(scheduler: SourceScheduler, intent: Intent): Promise<Ending> {
  try {
    return { result: await scheduler.submit(intent) }
  } catch (error) {
    return { error }
  }
}

function waitAsPreferred<T>(ending: Promise<T>, otherwise: T, { preference, clock }: SubmissionTerms): Promise<T> {
  if (preference.kind !== 'commit-within') return ending
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = clock.after(preference.seconds * 1000, () => resolve(otherwise))
  ending.finally(() => timer.cancel()).then(resolve, reject)
  return promise
}
