import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoverOptions } from './discovery.ts'
import { globFault } from './glob-fault.ts'

/** The options of a walk, complete and plain, so that they can be sent to a thread. */
export type WalkOptions = Required<Omit<DiscoverOptions, 'signal'>>

/** What a walk does unless told otherwise. */
export const WALK_DEFAULTS: WalkOptions = {
  include: [],
  exclude: [],
  hidden: false,
  vendor: false,
  gitignore: true,
  followSymlinks: false,
}

/**
 * The options with their defaults, without the signal.
 * @throws {MillraceError} `OPTION_INVALID`, naming the option, its value and what is allowed.
 */
export function checkDiscoverOptions(options: DiscoverOptions): WalkOptions {
  if (typeof options !== 'object' || options === null) refuse('options', options, 'an object')
  const { signal, ...rules } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', signal, 'an AbortSignal')
  for (const [name, value] of Object.entries(rules)) {
    if (value === undefined) continue
    if (name === 'include' || name === 'exclude') checkGlobs(name, value)
    else if (!Object.hasOwn(WALK_DEFAULTS, name)) refuse(name, value, `left out; there are ${OPTION_NAMES}`)
    else if (typeof value !== 'boolean') refuse(name, value, 'true or false')
  }
  return {
    include: [...(rules.include ?? WALK_DEFAULTS.include)],
    exclude: [...(rules.exclude ?? WALK_DEFAULTS.exclude)],
    hidden: rules.hidden ?? WALK_DEFAULTS.hidden,
    vendor: rules.vendor ?? WALK_DEFAULTS.vendor,
    gitignore: rules.gitignore ?? WALK_DEFAULTS.gitignore,
    followSymlinks: rules.followSymlinks ?? WALK_DEFAULTS.followSymlinks,
  }
}

const OPTION_NAMES = [...Object.keys(WALK_DEFAULTS), 'signal'].join(', ')

function checkGlobs(name: 'include' | 'exclude', globs: unknown): void {
  if (!Array.isArray(globs)) refuse(name, globs, 'an array of globs')
  for (const glob of globs) {
    if (typeof glob !== 'string' || glob === '')
      refuse(name, glob, 'an array of globs, each a string that is not empty')
    if (/^!(?!\()/.test(glob)) {
      const other = name === 'include' ? 'exclude' : 'include'
      refuse(name, glob, `without negated globs; write ${JSON.stringify(glob.slice(1))} into ${other}`)
    }
    const fault = globFault(glob)
    if (fault === undefined) continue
    throw new MillraceError('OPTION_INVALID', `discoverFiles: the glob ${shown(glob)} of ${name} ${fault}`, {
      detail: { owner: 'discoverFiles', option: name, value: glob },
    })
  }
}

function refuse(option: string, value: unknown, allowed: string): never {
  const words = typeof value === 'string' ? shown(value) : String(value)
  throw new MillraceError('OPTION_INVALID', `discoverFiles: ${option} must be ${allowed}, not ${words}`, {
    detail: { owner: 'discoverFiles', option, value },
  })
}

/** The start of a text will do. */
function shown(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}…`)
}
