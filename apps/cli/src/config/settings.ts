import { resolve } from 'node:path'
import type { BatchConfig } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { findConfigFile, type LoadedConfig, loadConfigFile } from './config-file.ts'
import type { FilesSection } from './config-schema.ts'
import { didYouMean } from './did-you-mean.ts'
import { checkPostgresUrl } from './postgres-url.ts'
import type { PlaceFlags } from './run-flags.ts'

/** What a command works with, from flags, profile and file; absolute paths. */
export interface Settings {
  /** The folder to run over. */
  readonly dir: string
  /** Where the ledger lies. */
  readonly stateDir: string
  /** The address of the PostgreSQL that has the ledger; undefined where it is in `stateDir`. */
  readonly postgres: string | undefined
  readonly config: BatchConfig
}

/** The state folder where nothing names one. */
const DEFAULT_STATE_DIR = '.millrace'

/**
 * Gathers the settings: `overrides` (the flags) beat the profile, which beats the file, which beats the defaults.
 * @throws {MillraceError} `CONFIG_…` and `PROFILE_UNKNOWN`.
 */
export async function loadSettings(cwd: string, place: PlaceFlags, overrides: FilesSection = {}): Promise<Settings> {
  const file = findConfigFile(cwd, place.config)
  const loaded = file === undefined ? undefined : await loadConfigFile(file)
  const base = loaded?.config.files ?? {}
  const profile = place.profile === undefined ? {} : profileOf(place.profile, loaded, cwd)
  const state = place.state === undefined ? {} : { stateDir: place.state }
  const layers: readonly FilesSection[] = [base, profile, overrides, state]
  const { dir, postgres: inFile, ...config } = layers.reduce(mergeSections)
  const stateDir = resolve(cwd, config.stateDir ?? DEFAULT_STATE_DIR)
  return {
    dir: resolve(cwd, dir ?? '.'),
    stateDir,
    postgres: postgresOf(place, inFile),
    config: {
      ...config,
      stateDir,
      ...(config.cpuProfDir !== undefined && { cpuProfDir: resolve(cwd, config.cpuProfDir) }),
    },
  }
}

/**
 * Gathers the settings of a job that goes on: it keeps the configuration it was started with, `overrides` (the flags) on top. Of file and
 * profile only the place of the ledger counts, and what is code, which no ledger can keep.
 * @throws {MillraceError} `CONFIG_…` and `PROFILE_UNKNOWN`.
 */
export async function loadResumeSettings(cwd: string, place: PlaceFlags, overrides: BatchConfig): Promise<Settings> {
  const { dir, stateDir, postgres, config } = await loadSettings(cwd, place)
  const { cpuProfDir } = overrides
  return {
    dir,
    stateDir,
    postgres,
    config: {
      ...codeOf(config),
      ...overrides,
      ...(cpuProfDir !== undefined && { cpuProfDir: resolve(cwd, cpuProfDir) }),
      stateDir,
    },
  }
}

/** A folder that is named on the command line beats an address in the file. */
function postgresOf({ postgres, state }: PlaceFlags, inFile: string | undefined): string | undefined {
  if (postgres !== undefined) return checkPostgresUrl('--postgres', postgres)
  return inFile === undefined || state !== undefined ? undefined : checkPostgresUrl('files.postgres', inFile)
}

function codeOf({ priority, strategy, sink }: BatchConfig): BatchConfig {
  return {
    ...(typeof priority === 'function' && { priority }),
    ...(strategy !== undefined && { strategy }),
    ...(typeof sink === 'object' && sink !== null && { sink }),
  }
}

/** `over` on top of `base`, field by field; of `discover`, each of its fields. A list replaces a list. */
function mergeSections(base: FilesSection, over: FilesSection): FilesSection {
  const discover = { ...base.discover, ...over.discover }
  return { ...base, ...over, ...(Object.keys(discover).length > 0 && { discover }) }
}

function profileOf(name: string, loaded: LoadedConfig | undefined, cwd: string): FilesSection {
  const profiles = loaded?.config.profiles ?? {}
  if (Object.hasOwn(profiles, name)) return profiles[name]?.files ?? {}
  const names = Object.keys(profiles)
  const where =
    loaded === undefined
      ? `${cwd} has no millrace.config.ts, .js or .json to define it`
      : names.length === 0
        ? `${loaded.file} defines no profiles`
        : `${loaded.file} defines ${names.join(', ')}`
  throw new MillraceError('PROFILE_UNKNOWN', `There is no profile "${name}": ${where}.${didYouMean(name, names)}`, {
    detail: { profile: name, known: names },
  })
}
