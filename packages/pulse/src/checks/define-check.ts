import { checkInteger } from '@millrace/kernel/options'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkDefinition, readConfig } from '../schema/read-config.ts'
import { type CallContext, CallProber, type Finding } from './call-prober.ts'
import { type CheckKind, type Prober, Verdict } from './check.ts'

const MAX_UNDER_WAY = 1000

/** What a check of a user's found; only what did not pass has a reason. */
export interface CheckResult {
  readonly status: 'pass' | 'fail' | 'warn'
  readonly reason?: string
}

export interface CheckDefinition<Config> {
  /** As `pulse_check.type` says. */
  readonly type: string
  /** Says what `config` may have; it must answer at once, and give what JSON can write. @default anything */
  readonly schema?: StandardSchemaV1<unknown, Config>
  /** The field of `config`, a text, in which monitors differ. The rest is kept once for all that have it in common. @default none */
  readonly target?: keyof Config & string
  /** Most of them under way at once, at least 1, so that one kind that hangs leaves room to the others. @default 1000 */
  readonly maxUnderWay?: number
  /** Makes one check. What it throws is a failure, with the message as the reason; what does not end in time is one, too. */
  readonly check: (config: Config, context: CallContext) => CheckResult | Promise<CheckResult>
}

/**
 * A kind of checks of a user's.
 *
 * One that has not ended within `timeoutMs` fails at the next tick, with "no answer in time"; where it knows more than that, it ends by itself before. A check that goes on
 * after its time is over is left behind: its signal has told it, and what it says is not heard. A kind that makes its checks by itself, a `CheckKind` with a
 * {@link Prober} of its own, can be asked for what it knows at that moment: see `Prober.expire`.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function defineCheck<Config extends object = Record<string, unknown>>(
  definition: CheckDefinition<Config>,
): CheckKind<Partial<Config>> {
  checkDefinition('defineCheck', definition, 'check')
  const { type, schema, target, check } = definition
  const maxUnderWay = checkInteger('defineCheck', 'maxUnderWay', definition.maxUnderWay ?? MAX_UNDER_WAY, { min: 1 })
  return {
    type,
    maxUnderWay,
    parse(fields) {
      const config: Partial<Config> = readConfig(fields, schema) ?? {}
      if (target === undefined) return { target: '', options: config }
      const { [target]: text, ...options } = config
      if (typeof text === 'string') return { target: text, options: options as Partial<Config> }
      if (Object.keys(config).length > 0 || schema === undefined) fields.fault(target, 'must be a text')
      return { target: '', options: config }
    },
    hostOf: () => undefined,
    createProber: ({ end }) =>
      new CallProber<Partial<Config>>({
        end,
        check: async (text, options, context) => {
          const config = target === undefined ? options : { ...options, [target]: text }
          return findingOf(await check(config as Config, context))
        },
      }),
  }
}

const VERDICTS = { pass: Verdict.PASS, fail: Verdict.FAIL, warn: Verdict.WARN } as const

/** Whatever came back: a user's function is not bound by its type. */
function findingOf(result: unknown): Finding {
  const { status, reason }: { status?: unknown; reason?: unknown } = Object(result)
  if (typeof status !== 'string' || !Object.hasOwn(VERDICTS, status)) {
    return { verdict: Verdict.FAIL, reason: 'the check ended without a status: pass, fail or warn' }
  }
  const verdict = VERDICTS[status as keyof typeof VERDICTS]
  if (verdict === Verdict.PASS) return { verdict }
  return { verdict, reason: typeof reason === 'string' && reason !== '' ? reason : `the check says ${status}` }
}
