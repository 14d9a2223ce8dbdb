import { findProgram } from '../process/find-program.ts'
import { runProgram } from '../process/run-program.ts'
import type { InterventionKind } from './intervention.ts'
import { NOT_BEGUN, refused, unknown } from './outcome.ts'
import { programOutcome } from './program-outcome.ts'

export interface SystemdTarget {
  readonly unit: string
  readonly verb: (typeof VERBS)[number]
}

export interface SystemdOptions {
  /** Folders in which `systemctl` is looked for, as in `PATH`. @default "/usr/bin:/bin:/usr/local/bin" */
  readonly searchPath?: string
}

const VERBS = ['restart', 'try-restart', 'start', 'reload', 'reload-or-restart'] as const
const UNIT = /^[a-zA-Z0-9:_.@\\][a-zA-Z0-9:_.@\\-]{0,254}$/

/** Restarts a unit of systemd: `{ unit, verb }`. It is not asked for a password. */
export function systemdIntervention({
  searchPath = '/usr/bin:/bin:/usr/local/bin',
}: SystemdOptions = {}): InterventionKind<SystemdTarget> {
  return {
    type: 'systemd',
    parse(fields) {
      const unit = fields.string('unit')
      if (unit !== '' && !UNIT.test(unit)) {
        fields.fault('unit', 'must be the name of a unit: letters, digits and : _ . @ \\ -, not beginning with -')
      }
      const verb = fields.oneOf('verb', VERBS, 'restart')
      fields.end()
      return { unit, verb }
    },
    async run({ unit, verb }, { signal }) {
      if (signal.aborted) return NOT_BEGUN
      const systemctl = await findProgram(['systemctl'], searchPath)
      if (systemctl === undefined) return refused('there is no systemctl here')
      const argv = [systemctl, '--no-ask-password', '--no-pager', verb, '--', unit]
      const end = await runProgram({ argv, signal, env: { PATH: searchPath, LC_ALL: 'C' } })
      return signal.aborted && end.exitCode === undefined ? unknown('no answer in time') : programOutcome(end)
    },
  }
}
