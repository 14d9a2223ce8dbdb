import { Command } from 'commander'
import type { ExitCode } from '../exit-code.ts'
import { chaosCommand } from './chaos-command.ts'
import { intentsCommand } from './intents-commands.ts'
import {
  configureCommand,
  duplicatesCommand,
  jobsCommand,
  pauseCommand,
  queryCommand,
  reportCommand,
  showCommand,
} from './look-commands.ts'
import { examples } from './options.ts'
import { planCommand } from './plan-command.ts'
import { pulseCommand } from './pulse-commands.ts'
import { quarantineCommand } from './quarantine-command.ts'
import { resumeCommand, runCommand } from './run-command.ts'
import { scheduleCommand, watchCommand } from './watch-commands.ts'
import { workCommand } from './work-command.ts'

export interface ProgramOptions {
  readonly version: string
  readonly onExitCode: (code: ExitCode) => void
}

/** The command line: every command with its flags, defaults and examples. Commands load their code when they run. */
export function createProgram({ version, onExitCode }: ProgramOptions): Command {
  const program = new Command('millrace')
    .description('Batch processing that keeps its promises: every item is delivered, or you are told why not.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', examples('millrace files run', 'millrace files run --help'))
  const files = program
    .command('files')
    .description('Process trees of source files in isolated worker processes, with a ledger and balanced books.')
    .helpCommand(false)
    .addHelpText('after', examples('millrace files run ./src', 'millrace files resume', 'millrace files show'))
  const commands = [
    runCommand,
    resumeCommand,
    workCommand,
    watchCommand,
    scheduleCommand,
    jobsCommand,
    showCommand,
    queryCommand,
    reportCommand,
    duplicatesCommand,
    quarantineCommand,
    pauseCommand,
    configureCommand,
    planCommand,
    chaosCommand,
  ]
  for (const create of commands) files.addCommand(create(onExitCode))
  program.addCommand(intentsCommand(onExitCode))
  program.addCommand(pulseCommand(onExitCode))
  return quieten(program)
}

/** The words of `args` that name a command of the program. */
export function commandWords(program: Command, args: readonly string[]): readonly string[] {
  const words: string[] = []
  let command = program
  for (const arg of args) {
    const next = command.commands.find((child) => child.name() === arg)
    if (next === undefined) break
    words.push(arg)
    command = next
  }
  return words
}

/** Errors are thrown instead of printed, here and in every command below. */
function quieten(command: Command): Command {
  command.exitOverride().configureOutput({ outputError: () => {} })
  for (const child of command.commands) quieten(child)
  return command
}
