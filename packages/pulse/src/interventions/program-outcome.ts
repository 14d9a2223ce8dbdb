import { ownFault } from '../checks/own-fault.ts'
import type { ProgramEnd } from '../process/run-program.ts'
import type { InterventionOutcome } from './intervention.ts'
import { accepted, refused, unknown } from './outcome.ts'

/** Shorter words are in many a sentence. */
const SECRET_LENGTH = 4

/** What a program's end means. @param hidden are words that no message may have: they may be secrets. */
export function programOutcome(
  { exitCode, killedBy, error, lastLine }: ProgramEnd,
  hidden: readonly string[] = [],
): InterventionOutcome {
  if (error !== undefined) return refused(`could not be started: ${ownFault(error) ?? startFault(error)}`)
  if (exitCode === 0) return accepted('ended with 0')
  if (exitCode === undefined) return unknown(`was killed (${killedBy ?? 'no signal'})`)
  let said = lastLine
  for (const word of hidden) if (word.length >= SECRET_LENGTH) said = said.replaceAll(word, '…')
  return refused(`ended with ${exitCode}${said === '' ? '' : `: ${said}`}`)
}

function startFault({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such program'
  return code === 'EACCES' ? 'it may not be run' : (code ?? message)
}
