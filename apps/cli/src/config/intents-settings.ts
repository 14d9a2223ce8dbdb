import { dirname, resolve } from 'node:path'
import type { BatchSchedulerOptions, IntentSource, Sink } from '@millrace/intents'
import type { RateLimitOptions } from '@millrace/intents/http'
import { MillraceError } from '@millrace/kernel/errors'
import { documents } from '../intents/documents.ts'
import { findConfigFile, loadConfigFile } from './config-file.ts'
import { checkIntentsSection, type IntentsSection } from './intents-section.ts'
import type { LogLevel } from './log-level.ts'
import { checkPostgresUrl } from './postgres-url.ts'
import { readTokenFile } from './token-file.ts'

/** What `millrace intents serve` was given, as the command line parser hands it over. */
export interface ServeFlags {
  readonly postgres?: string
  readonly port?: number
  readonly host?: string
  readonly token?: readonly string[]
  readonly tokenFile?: string
  readonly insecure?: boolean
  readonly preset?: NonNullable<BatchSchedulerOptions['preset']>
  readonly config?: string
  readonly state?: string
  readonly audit?: string
  readonly redrive?: boolean
  /** Seconds. */
  readonly drain?: number
  readonly quiet?: boolean
  readonly logLevel?: LogLevel
}

/** What a server works with, from flags and file; absolute paths. */
export interface ServeSettings {
  /** The address of a PostgreSQL; undefined for the embedded one. */
  readonly postgres: string | undefined
  /** A sink of the user's own, where no address is given. */
  readonly sink: Sink | undefined
  /** Statements to run first. */
  readonly setUp: readonly string[]
  readonly host: string
  readonly port: number
  readonly tokens: readonly string[]
  readonly origins: readonly string[]
  readonly rateLimit: RateLimitOptions | undefined
  readonly stateDir: string
  /** Where intents come from besides. */
  readonly sources: readonly IntentSource[]
  /** Whether the definitions are the built-in ones. */
  readonly isDemo: boolean
  readonly scheduler: Omit<BatchSchedulerOptions, 'sink'>
  readonly drainMs: number
  /** A file for the log of batches. */
  readonly audit: string | undefined
}

const DEFAULT_PORT = 8787
const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_STATE_DIR = '.millrace'
const DEFAULT_DRAIN_SECONDS = 30

/**
 * Gathers the settings of a server: the flags beat the file, which beats the defaults. Without definitions of the user's own it serves a store
 * of documents.
 * @throws {MillraceError} `CONFIG_…`, `FLAG_INVALID`.
 */
export async function loadServeSettings(cwd: string, flags: ServeFlags): Promise<ServeSettings> {
  const file = findConfigFile(cwd, flags.config)
  const section = file === undefined ? {} : await loadSection(file)
  const { postgres, setUp, host, port, tokens, origins, rateLimit, stateDir, sources, sink, intents, ...batching } =
    section
  const settings: ServeSettings = {
    postgres: checkUrl(flags, postgres),
    sink,
    setUp: intents === undefined ? documents.setUp : (setUp ?? []),
    host: flags.host ?? host ?? DEFAULT_HOST,
    port: flags.port ?? port ?? DEFAULT_PORT,
    tokens: (await tokensOf(cwd, flags)) ?? tokens ?? [],
    origins: origins ?? [],
    rateLimit,
    stateDir: resolve(cwd, flags.state ?? stateDir ?? DEFAULT_STATE_DIR),
    sources: sources ?? [],
    isDemo: intents === undefined,
    scheduler: {
      ...batching,
      intents: intents ?? documents.definitions,
      ...(flags.preset !== undefined && { preset: flags.preset }),
    },
    drainMs: (flags.drain ?? DEFAULT_DRAIN_SECONDS) * 1000,
    audit: flags.audit === undefined ? undefined : resolve(cwd, flags.audit),
  }
  if (!isLoopback(settings.host) && settings.tokens.length === 0 && flags.insecure !== true) {
    throw new MillraceError(
      'FLAG_INVALID',
      `On ${settings.host} other machines can write, and there is no token: give --token or --token-file, or --insecure if anybody may.`,
      { detail: { flag: '--host', value: settings.host } },
    )
  }
  return settings
}

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

async function loadSection(file: string): Promise<IntentsSection> {
  const { config } = await loadConfigFile(file)
  const section = checkIntentsSection(config.intents ?? {}, file)
  return section.stateDir === undefined ? section : { ...section, stateDir: resolve(dirname(file), section.stateDir) }
}

async function tokensOf(cwd: string, { token, tokenFile }: ServeFlags): Promise<readonly string[] | undefined> {
  if (tokenFile === undefined) return token
  return [...(token ?? []), ...(await readTokenFile(resolve(cwd, tokenFile)))]
}

function checkUrl(flags: ServeFlags, inFile: string | undefined): string | undefined {
  if (flags.postgres !== undefined) return checkPostgresUrl('--postgres', flags.postgres)
  return inFile === undefined ? undefined : checkPostgresUrl('intents.postgres', inFile)
}
