import { MillraceError } from '@millrace/kernel/errors'
import type { CommanderError } from 'commander'

/** What the command line parser refuses, in our words: one sentence with the fault, the likely word, and where to read more. */
export function usageError(error: CommanderError, helpCommand: string): MillraceError {
  const [said = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n')
  const fault = said
    .replace(/^option '(.+)' argument missing$/, 'the flag $1 needs a value')
    .replace(/^required option '(.+)' not specified$/, 'the flag $1 is missing')
  const guess = suggestion === '' ? '' : ` ${suggestion.replace(/^\((.*)\)$/, '$1')}`
  const sentence = `${fault.charAt(0).toUpperCase()}${fault.slice(1).replace(/\.$/, '')}.${guess} See ${helpCommand}.`
  const options = { detail: { parser: error.code }, cause: error }
  switch (error.code) {
    case 'commander.unknownOption':
      return new MillraceError('FLAG_UNKNOWN', sentence, options)
    case 'commander.unknownCommand':
      return new MillraceError('COMMAND_UNKNOWN', sentence, options)
    case 'commander.optionMissingArgument':
      return new MillraceError('FLAG_INVALID', sentence, options)
    default:
      return new MillraceError('ARGUMENTS_INVALID', sentence, options)
  }
}
