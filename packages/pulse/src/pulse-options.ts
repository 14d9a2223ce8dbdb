import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber, show } from '@millrace/kernel/options'
import { createKinds } from './kinds.ts'
import { FLAP_THRESHOLDS } from './lifecycle/flapping.ts'
import type { PulseOptions } from './pulse.ts'
import { createMemoryStore } from './store/memory-store.ts'

const OWNER = 'createPulse'
/** A day. */
const MAX_OVERDUE_MS = 86_400_000

export type CheckedOptions = ReturnType<typeof checkOptions>

/** With all that was left open. @throws {MillraceError} `OPTION_INVALID`. */
export function checkOptions(options: PulseOptions) {
  const count = (name: string, value: number | undefined, fallback: number, max = 1_000_000) =>
    checkInteger(OWNER, name, value ?? fallback, { min: 1, max })
  const { laneSizes = {}, flapThresholds = FLAP_THRESHOLDS, deadMan } = options
  const high = checkNumber(OWNER, 'flapThresholds.high', flapThresholds.high, { min: 0, max: 101 })
  return {
    kinds: options.kinds ?? createKinds(),
    store: options.store ?? createMemoryStore(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    logger: options.logger,
    maxChecks: count('maxChecks', options.maxChecks, 8192, 2 ** 20),
    maxChecksPerHost: count('maxChecksPerHost', options.maxChecksPerHost, 50),
    maxInterventions: count('maxInterventions', options.maxInterventions, 5),
    maxInterventionsPerMinute: count('maxInterventionsPerMinute', options.maxInterventionsPerMinute, 20),
    overdueAfterMs: checkNumber(OWNER, 'overdueAfterMs', options.overdueAfterMs ?? 60_000, {
      min: 0,
      max: MAX_OVERDUE_MS,
    }),
    laneSizes: {
      pulse: checkInteger(OWNER, 'laneSizes.pulse', laneSizes.pulse ?? 10_000, { min: 100, max: 2 ** 28 }),
      intervention: count('laneSizes.intervention', laneSizes.intervention, 1000),
    },
    alertCoolDownMs: checkNumber(OWNER, 'alertCoolDownMs', options.alertCoolDownMs ?? 0, { min: 0 }),
    flapThresholds: {
      high,
      low: checkNumber(OWNER, 'flapThresholds.low', flapThresholds.low, { min: 0, max: high }),
    },
    deadMan: deadMan && {
      url: checkUrl(deadMan.url),
      everyMs: checkNumber(OWNER, 'deadMan.everyMs', deadMan.everyMs, { min: 1000 }),
    },
  }
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)) return url
  throw new MillraceError(
    'OPTION_INVALID',
    `${OWNER}: deadMan.url must be an address of http or https, not ${show(url)}`,
    {
      detail: { owner: OWNER, option: 'deadMan.url', value: url },
    },
  )
}
