import { resolve } from 'node:path'
import type { PulseOptions } from '@millrace/pulse'
import { refuseFlag } from '../config/flag-values.ts'
import type { LogLevel } from '../config/log-level.ts'
import { readTokenFile } from '../config/token-file.ts'
import { keptToken } from './api/kept-token.ts'

/** What `millrace pulse run` was given, as the command line parser hands it over. */
export interface PulseRunFlags {
  readonly state?: string
  readonly port?: number
  readonly tokenFile?: string
  readonly heartbeatTokenFile?: string
  readonly allowCommand?: readonly string[]
  readonly deadMan?: string
  readonly maxChecks?: number
  readonly maxChecksPerHost?: number
  readonly maxInterventions?: number
  readonly maxInterventionsPerMinute?: number
  /** Seconds. */
  readonly alertCoolDown?: number
  readonly overdueAfter?: number
  /** Percent. */
  readonly flapHigh?: number
  readonly flapLow?: number
  readonly redrive?: boolean
  readonly strict?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly logLevel?: LogLevel
}

/** What a pulse is run with; absolute paths. */
export interface PulseRunSettings {
  readonly manifest: string
  readonly stateDir: string
  /** The database of the state. */
  readonly database: string
  readonly port: number
  readonly tokens: readonly string[]
  /** Where the tokens are. */
  readonly tokenFile: string
  readonly heartbeatTokens: readonly string[]
  readonly commands: readonly string[]
  readonly isStrict: boolean
  /** Of the engine. */
  readonly pulse: Pick<
    PulseOptions,
    | 'deadMan'
    | 'maxChecks'
    | 'maxChecksPerHost'
    | 'maxInterventions'
    | 'maxInterventionsPerMinute'
    | 'overdueAfterMs'
    | 'alertCoolDownMs'
    | 'flapThresholds'
  >
}

const DEFAULT_PORT = 8788
const DEFAULT_STATE_DIR = '.millrace/pulse'
const DEAD_MAN_MS = 60_000

/**
 * Gathers the settings of a pulse. Where no file of tokens is named, one is made in the state folder.
 * @throws {MillraceError} `FLAG_INVALID`, `STATE_UNWRITABLE`.
 */
export async function loadPulseSettings(
  cwd: string,
  manifest: string,
  flags: PulseRunFlags,
): Promise<PulseRunSettings> {
  const stateDir = resolve(cwd, flags.state ?? DEFAULT_STATE_DIR)
  const { deadMan, alertCoolDown, overdueAfter, flapHigh, flapLow } = flags
  const { maxChecks, maxChecksPerHost, maxInterventions, maxInterventionsPerMinute } = flags
  const watchman = deadMan === undefined ? undefined : { url: checkUrl(deadMan), everyMs: DEAD_MAN_MS }
  const commands = flags.allowCommand ?? []
  for (const path of commands) {
    if (!path.startsWith('/')) refuseFlag('--allow-command', 'the absolute path of a program', path)
  }
  const tokenFile = flags.tokenFile === undefined ? resolve(stateDir, 'token') : resolve(cwd, flags.tokenFile)
  const { heartbeatTokenFile } = flags
  return {
    manifest: resolve(cwd, manifest),
    stateDir,
    database: resolve(stateDir, 'pulse.db'),
    port: flags.port ?? DEFAULT_PORT,
    tokens: flags.tokenFile === undefined ? [await keptToken(tokenFile)] : await readTokenFile(tokenFile),
    tokenFile,
    heartbeatTokens: heartbeatTokenFile === undefined ? [] : await readTokenFile(resolve(cwd, heartbeatTokenFile)),
    commands,
    isStrict: flags.strict === true,
    pulse: {
      ...(watchman !== undefined && { deadMan: watchman }),
      ...(maxChecks !== undefined && { maxChecks }),
      ...(maxChecksPerHost !== undefined && { maxChecksPerHost }),
      ...(maxInterventions !== undefined && { maxInterventions }),
      ...(maxInterventionsPerMinute !== undefined && { maxInterventionsPerMinute }),
      ...(alertCoolDown !== undefined && { alertCoolDownMs: alertCoolDown * 1000 }),
      ...(overdueAfter !== undefined && { overdueAfterMs: overdueAfter * 1000 }),
      ...((flapHigh ?? flapLow) !== undefined && { flapThresholds: flapThresholds(flapHigh, flapLow) }),
    },
  }
}

function flapThresholds(high = 50, low = Math.min(25, high)) {
  if (low > high) refuseFlag('--flap-low', `at most --flap-high, which is ${high}`, String(low))
  return { high, low }
}

/** What the address has in it may be a secret: it is not shown. */
function checkUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  return refuseFlag('--dead-man', 'an address such as https://watch.example/ping/1234', `${text.slice(0, 8)}…`)
}
