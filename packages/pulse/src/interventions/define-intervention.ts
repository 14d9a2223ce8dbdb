import type { StandardSchemaV1 } from '@standard-schema/spec'
import { reasonOf, reasonOfError } from '../checks/reason.ts'
import { checkDefinition, readConfig } from '../schema/read-config.ts'
import type { InterventionKind, InterventionOrder, InterventionOutcome } from './intervention.ts'
import { accepted, NOT_BEGUN, refused, unknown } from './outcome.ts'

export interface InterventionDefinition<Target> {
  /** As `intervention.action` says. */
  readonly type: string
  /** Says what `target` may have; it must answer at once, and give what JSON can write. @default anything */
  readonly schema?: StandardSchemaV1<unknown, Target>
  /** Does it, once; nothing returned is `accepted`. What it throws is `unknown`: something may have been done. So is what does not end in time. */
  readonly run: (target: Target, order: InterventionOrder) => OutcomeLike | Promise<OutcomeLike>
}

type OutcomeLike = InterventionOutcome | undefined

/**
 * A kind of interventions of a user's.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function defineIntervention<Target extends object = Record<string, unknown>>(
  definition: InterventionDefinition<Target>,
): InterventionKind<Partial<Target>> {
  checkDefinition('defineIntervention', definition, 'run')
  const { type, schema, run } = definition
  return {
    type,
    parse: (fields) => readConfig(fields, schema) ?? {},
    async run(target, order) {
      const { signal } = order
      if (signal.aborted) return NOT_BEGUN
      const { promise: late, resolve } = Promise.withResolvers<InterventionOutcome>()
      const expire = () => resolve(unknown('no answer in time'))
      signal.addEventListener('abort', expire)
      try {
        return await Promise.race([outcomeOf(() => run(target as Target, order)), late])
      } finally {
        signal.removeEventListener('abort', expire)
      }
    },
  }
}

async function outcomeOf(run: () => unknown): Promise<InterventionOutcome> {
  let told: unknown
  try {
    told = await run()
  } catch (error) {
    return unknown(reasonOfError(error))
  }
  if (told === undefined) return accepted()
  const { status, reason, detail }: Readonly<Record<string, unknown>> = Object(told)
  const text = typeof reason === 'string' ? reasonOf(reason) : 'no reason was given'
  if (status === 'accepted') return accepted(typeof detail === 'string' ? reasonOf(detail) : undefined)
  if (status === 'refused') return refused(text)
  return unknown(status === 'unknown' ? text : 'it ended without a status: accepted, refused or unknown')
}
