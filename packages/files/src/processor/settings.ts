import { MillraceError } from '@millrace/kernel/errors'

/** A whole number that a processor may be told: what it is without being told, and its bounds. */
export interface NumberSetting {
  readonly default: number
  readonly min: number
  readonly max: number
}

/**
 * What a built-in processor is told behind its colon: `maxTokens=256,overlapLines=2`.
 * @throws {MillraceError} `PROCESSOR_ARGUMENT` naming the setting, its value and what is allowed.
 */
export function readSettings<K extends string>(
  processor: string,
  argument: string,
  settings: Readonly<Record<K, NumberSetting>>,
): Record<K, number> {
  const names = Object.keys(settings) as K[]
  const values = Object.fromEntries(names.map((name) => [name, settings[name].default])) as Record<K, number>
  for (const part of argument.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', text = ''] = part.split('=', 2).map((side) => side.trim())
    const setting = names.includes(name as K) ? settings[name as K] : undefined
    const value = Number(text)
    if (
      setting !== undefined &&
      text !== '' &&
      Number.isInteger(value) &&
      value >= setting.min &&
      value <= setting.max
    ) {
      values[name as K] = value
      continue
    }
    const allowed = names.map((each) => `${each} (${settings[each].min} to ${settings[each].max})`).join(', ')
    throw new MillraceError(
      'PROCESSOR_ARGUMENT',
      `The processor ${processor} cannot use "${part.trim()}". It takes ${allowed}, as in ${processor}:${names[0]}=${settings[names[0]!].default}.`,
      { detail: { processor, argument, part: part.trim() } },
    )
  }
  return values
}
