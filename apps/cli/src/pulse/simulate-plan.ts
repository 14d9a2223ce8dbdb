import { resolve } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { createKinds, SIMULATED_FAULTS, type SimulatedFaults, type SimulateOptions } from '@millrace/pulse'
import { didYouMean } from '../config/did-you-mean.ts'
import { readNumber, refuseFlag } from '../config/flag-values.ts'
import { openManifest } from './open-manifest.ts'

/** What `millrace pulse simulate` was given, as the command line parser hands it over. */
export interface PulseSimulateFlags {
  readonly seed?: number
  readonly monitors?: number
  readonly checks?: number
  readonly hours?: number
  readonly faults?: readonly string[]
  readonly allowCommand?: readonly string[]
  readonly json?: boolean
}

type PlannedOptions = Omit<SimulateOptions, 'signal' | 'onProgress'>

/**
 * What is to be simulated.
 * @throws {MillraceError} `FLAG_INVALID`.
 */
export function planSimulation(manifest: string | undefined, flags: PulseSimulateFlags): PlannedOptions {
  const { seed, monitors, checks, hours, faults, allowCommand = [] } = flags
  if (manifest !== undefined && monitors !== undefined)
    refuseFlag('--monitors', 'left out where a manifest is given', String(monitors))
  const kinds = createKinds({ commands: allowCommand })
  const read = manifest === undefined ? monitors : openManifest(resolve(manifest), { kinds, isStrict: false })
  return {
    ...(seed !== undefined && { seed }),
    ...(read !== undefined && { monitors: read }),
    ...(checks !== undefined && { checks }),
    ...(hours !== undefined && { hours }),
    ...(faults !== undefined && { faults: readFaults(faults) }),
  }
}

/** `none`, and `name=value` with commas between: after `none`, nothing else goes wrong. */
function readFaults(texts: readonly string[]): Partial<SimulatedFaults> {
  const faults: Record<string, number> = {}
  const names = Object.keys(SIMULATED_FAULTS)
  for (const part of texts.flatMap((text) => text.split(','))) {
    if (part === 'none') for (const name of names) faults[name] = 0
    else {
      const [name = '', value = ''] = part.split('=', 2)
      if (!names.includes(name)) refuseFault(name, names)
      faults[name] = readNumber(`--faults ${name}`, { min: 0, max: 1_000_000, whole: false }, value)
    }
  }
  return faults
}

function refuseFault(name: string, names: readonly string[]): never {
  throw new MillraceError(
    'FLAG_INVALID',
    `--faults has no ${JSON.stringify(name)}.${didYouMean(name, names)} It takes none, and NAME=VALUE with ${names.join(', ')}.`,
    { detail: { flag: '--faults', value: name } },
  )
}
