import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'

/**
 * Returns `value` when it is a function, or undefined where it was left out.
 * @throws {MillraceError} `OPTION_INVALID`, naming the owner, the option and the value.
 */
export function checkFunction<T>(owner: string, name: string, value: T): T {
  if (value === undefined || typeof value === 'function') return value
  throw new MillraceError('OPTION_INVALID', `${owner}: ${name} must be a function, not ${show(value)}`, {
    detail: { owner, option: name, value },
  })
}
