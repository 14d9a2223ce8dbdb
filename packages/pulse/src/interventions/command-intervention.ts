import { isAbsolute } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import { runProgram } from '../process/run-program.ts'
import type { InterventionKind } from './intervention.ts'
import { NOT_BEGUN, refused, unknown } from './outcome.ts'
import { programOutcome } from './program-outcome.ts'

export interface CommandTarget {
  readonly argv: readonly string[]
}

export interface CommandOptions {
  /** The only programs that are run: absolute paths, each as it is written in `argv`. @default none */
  readonly allow?: readonly string[]
}

/** What a command has of an environment, beside what it is called for. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/',
}
const MAX_ARGUMENTS = 100

/**
 * Runs a program: `{ argv: [path, …] }`, without a shell, in `/`, and with nothing of our environment. It finds what it is called for in `MILLRACE_MONITOR`,
 * `MILLRACE_INCIDENT` and `MILLRACE_REASON`. At the end of its time it is killed with its group. What it is to leave running needs a group, and an output, of its own.
 * @throws {MillraceError} `OPTION_INVALID` if a path is not absolute.
 */
export function commandIntervention({ allow = [] }: CommandOptions = {}): InterventionKind<CommandTarget> {
  for (const path of allow) {
    if (typeof path === 'string' && isAbsolute(path)) continue
    throw new MillraceError('OPTION_INVALID', `commandIntervention: allow must be absolute paths, not ${show(path)}`, {
      detail: { owner: 'commandIntervention', option: 'allow', value: path },
    })
  }
  const allowed = new Set(allow)
  return {
    type: 'command',
    parse(fields) {
      const argv = fields.strings('argv')
      const [path = ''] = argv
      if (argv.length === 0) fields.fault('argv', 'must begin with the path of a program')
      else if (argv.length > MAX_ARGUMENTS) fields.fault('argv', `has more than ${MAX_ARGUMENTS} arguments`)
      else if (argv.some((argument) => argument.includes('\0'))) fields.fault('argv', 'has a NUL in it')
      else if (!isAbsolute(path))
        fields.fault('argv', 'must begin with an absolute path: no shell and no PATH finds the program')
      else if (!allowed.has(path))
        fields.fault('argv', 'begins with a program that is not allowed: name its path in the list of allowed commands')
      fields.end()
      return { argv }
    },
    async run({ argv }, { monitor, incident, reason, signal }) {
      if (signal.aborted) return NOT_BEGUN
      // What is run decides, not what was read once: a list may have become shorter.
      if (!allowed.has(argv[0] ?? '')) return refused('the program is not allowed')
      const order = { MILLRACE_MONITOR: monitor, MILLRACE_INCIDENT: incident, MILLRACE_REASON: reason }
      const end = await runProgram({ argv, signal, env: { ...ENVIRONMENT, ...withoutNul(order) } })
      return signal.aborted && end.exitCode === undefined
        ? unknown('it was not done in time, and was killed')
        : programOutcome(end, argv.slice(1))
    },
  }
}

/** No variable can have one. */
function withoutNul(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replaceAll('\0', '')]))
}
