import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/kernel/errors'
import { type Config, checkConfig, type FilesSection } from './config-schema.ts'

/** The names under which a configuration is found in the current directory. */
const CONFIG_NAMES = ['millrace.config.ts', 'millrace.config.js', 'millrace.config.json'] as const

export interface LoadedConfig {
  /** Absolute path of the file it came from. */
  readonly file: string
  readonly config: Config
}

/**
 * The configuration file to use: the one that is named, or the one in `cwd`, or none.
 * @throws {MillraceError} `CONFIG_MISSING` where the named file is not there, `CONFIG_AMBIGUOUS` where `cwd` has several.
 */
export function findConfigFile(cwd: string, named?: string): string | undefined {
  if (named !== undefined) {
    const file = resolve(cwd, named)
    if (existsSync(file)) return file
    throw new MillraceError('CONFIG_MISSING', `There is no configuration file ${file}. Check --config.`, {
      detail: { file },
    })
  }
  const found = CONFIG_NAMES.filter((name) => existsSync(join(cwd, name)))
  if (found.length > 1) {
    throw new MillraceError(
      'CONFIG_AMBIGUOUS',
      `${cwd} has ${found.join(' and ')}. Keep one, or name the one to use with --config FILE.`,
      { detail: { cwd, found } },
    )
  }
  return found[0] === undefined ? undefined : join(cwd, found[0])
}

/**
 * Reads and checks a configuration file. Its relative paths count from its own folder.
 * @throws {MillraceError} `CONFIG_LOAD_FAILED` where it cannot be read or run, `CONFIG_INVALID` naming each field at fault.
 */
export async function loadConfigFile(file: string): Promise<LoadedConfig> {
  const checked = checkConfig(await readValue(file))
  if (!checked.ok) {
    throw new MillraceError('CONFIG_INVALID', `In ${file}: ${checked.faults.join('; ')}.`.replace(/\?\.$/, '?'), {
      detail: { file, faults: checked.faults },
    })
  }
  const { files, intents, profiles } = checked.config
  const folder = dirname(file)
  const config: Config = {
    ...(files !== undefined && { files: anchor(files, folder) }),
    ...(intents !== undefined && { intents }),
    ...(profiles !== undefined && {
      profiles: Object.fromEntries(
        Object.entries(profiles).map(([name, profile]) => [
          name,
          profile.files === undefined ? profile : { files: anchor(profile.files, folder) },
        ]),
      ),
    }),
  }
  return { file, config }
}

async function readValue(file: string): Promise<unknown> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new MillraceError('CONFIG_LOAD_FAILED', `${file} is a folder. Name the file in it with --config FILE.`, {
      detail: { file },
    })
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8'))
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new MillraceError('CONFIG_LOAD_FAILED', `${basename(file)} (${file}) cannot be loaded: ${why}`, {
      detail: { file },
      cause,
    })
  }
}

function anchor(files: FilesSection, folder: string): FilesSection {
  const { dir, out, stateDir, cpuProfDir, processors, transforms } = files
  return {
    ...files,
    ...(dir !== undefined && { dir: resolve(folder, dir) }),
    ...(out !== undefined && isPath(out) && { out: resolve(folder, out) }),
    ...(stateDir !== undefined && { stateDir: resolve(folder, stateDir) }),
    ...(cpuProfDir !== undefined && { cpuProfDir: resolve(folder, cpuProfDir) }),
    ...(processors !== undefined && { processors: processors.map((specifier) => anchorModule(specifier, folder)) }),
    ...(transforms !== undefined && { transforms: transforms.map((specifier) => anchorModule(specifier, folder)) }),
  }
}

/** Results may go to standard output (`-`), or to an address. */
function isPath(out: string): boolean {
  return out !== '-' && !/^[a-z][a-z0-9+.-]+:\/\//i.test(out)
}

/** `./x` and `../x` count from the file's folder; names, packages and absolute paths are left alone. */
function anchorModule(specifier: string, folder: string): string {
  return /^\.\.?[/\\]/.test(specifier) && !isAbsolute(specifier) ? resolve(folder, specifier) : specifier
}
