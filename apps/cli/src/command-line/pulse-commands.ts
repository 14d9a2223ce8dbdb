import { Command } from 'commander'
import type { PulseValidateFlags } from '../commands/pulse-validate.ts'
import { readNumber, readText } from '../config/flag-values.ts'
import { portLimit } from '../config/limits.ts'
import type { ExitCode } from '../exit-code.ts'
import type { PulseRunFlags } from '../pulse/run-settings.ts'
import type { PulseSimulateFlags } from '../pulse/simulate-plan.ts'
import { collect, examples, logLevelOption } from './options.ts'

/** `millrace pulse` with what is below it. */
export function pulseCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('pulse')
    .description('Check services on time, repair each once when it breaks, verify the repair, and tell people.')
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      examples('millrace pulse validate monitors.yaml', 'millrace pulse run monitors.yaml', 'millrace pulse simulate'),
    )
  for (const create of [runCommand, validateCommand, simulateCommand]) command.addCommand(create(onExitCode))
  return command
}

function runCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('run')
    .summary('check what a manifest lists, until it is told to stop')
    .description(
      'Check what a manifest lists, until it is told to stop. Incidents, alerts and interventions outlive a restart. The manifest is read again when it is saved, or on SIGHUP: monitors that have not changed keep their state, and with a fault in it, nothing changes.',
    )
    .argument('<manifest>', 'monitors in YAML, or in .json or .ndjson', readManifestPath)
    .optionsGroup('Where:')
    .option('--state <dir>', 'where state outlives the process (default: .millrace/pulse)', (text: string) =>
      readText('--state', 'a folder', text),
    )
    .option('--port <port>', 'of the API on 127.0.0.1; 0 for any free port (default: 8788)', (text: string) =>
      readNumber('--port', portLimit, text),
    )
    .optionsGroup('Who:')
    .option(
      '--token-file <file>',
      'a file with tokens of the API, one a line (default: one is made in the state folder)',
    )
    .option('--heartbeat-token-file <file>', 'a file with tokens that are good for POST /heartbeats/NAME only')
    .optionsGroup('How:')
    .option('--strict', 'take no field that is not known')
    .option('--allow-command <path>', 'a program that the intervention command may run; may be repeated', collect)
    .option('--redrive', 'deliver the alerts that were given up again, first')
    .option('--dead-man <url>', 'an address to call every minute, so that somebody notices when this stops')
    .optionsGroup('How much:')
    .option('--max-checks <n>', 'checks under way at once (default: 8192)', count('--max-checks', 2 ** 20))
    .option('--max-checks-per-host <n>', 'of these, against one host (default: 50)', count('--max-checks-per-host'))
    .option('--max-interventions <n>', 'interventions under way at once (default: 5)', count('--max-interventions'))
    .option(
      '--max-interventions-per-minute <n>',
      'begun in a minute: more are held back, as a storm (default: 20)',
      count('--max-interventions-per-minute'),
    )
    .option(
      '--overdue-after <seconds>',
      'what has waited so long for its repair is told of in red (default: 60)',
      number('--overdue-after', { min: 0, max: 86_400, whole: false, unit: 'seconds' }),
    )
    .option(
      '--flap-high <percent>',
      'of the last 21 results changed, and it flaps: no repair, no alerts (default: 50)',
      number('--flap-high', { min: 0, max: 101, whole: false }),
    )
    .option(
      '--flap-low <percent>',
      'fewer changed, and it flaps no more (default: 25, or --flap-high if that is less)',
      number('--flap-low', { min: 0, max: 101, whole: false }),
    )
    .option(
      '--alert-cool-down <seconds>',
      'between two alerts of a monitor; green may pass (default: 0)',
      number('--alert-cool-down', { min: 0, max: 31_536_000, whole: false, unit: 'seconds' }),
    )
    .optionsGroup('Output:')
    .option('--json', 'a JSON object for each change, one a line, instead of words')
    .option('--quiet', 'print errors only')
    .addOption(logLevelOption())
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nExit codes:\n  0 stopped as asked · 1 usage, or faults in the manifest · 3 state could not be kept · 130 stopped at once\n${examples(
        'millrace pulse run monitors.yaml',
        'millrace pulse run monitors.yaml --allow-command /usr/local/bin/failover',
        'millrace pulse run monitors.ndjson --port 0 --json',
      )}`,
    )
    .action(async (manifest: string, flags: PulseRunFlags) => {
      const { runPulse } = await import('../commands/pulse-run.ts')
      onExitCode(await runPulse(manifest, flags))
    })
}

function validateCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('validate')
    .summary('tell what is wrong with a manifest, and what it comes to')
    .description(
      'Tell what is wrong with a manifest, by line, monitor and field, and what it comes to. Checks nothing.',
    )
    .argument('<manifest>', 'monitors in YAML, or in .json or .ndjson', readManifestPath)
    .option('--strict', 'take no field that is not known')
    .option('--allow-command <path>', 'a program that the intervention command may run; may be repeated', collect)
    .option('--json', 'a JSON object for each fault, and one for the sums, one a line')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nExit codes:\n  0 no faults · 1 faults, or it cannot be read\n${examples(
        'millrace pulse validate monitors.yaml',
        'millrace pulse validate monitors.yaml --strict --json',
      )}`,
    )
    .action(async (manifest: string, flags: PulseValidateFlags) => {
      const { validatePulse } = await import('../commands/pulse-validate.ts')
      onExitCode(await validatePulse(manifest, flags))
    })
}

function simulateCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('simulate')
    .summary('run the engine on a clock of its own, with all that can go wrong')
    .description(
      'Run the engine on a clock of its own, on targets that fall ill, in a process that dies, with a store that fails, and hold it to its promises after each turn. The same seed has the same hash, and a seed that fails, fails again.',
    )
    .argument(
      '[manifest]',
      'whose monitors to take, with targets that are made up (default: all made up)',
      readManifestPath,
    )
    .option('--seed <n>', 'what happens (default: 1)', number('--seed', { min: 0, max: 2 ** 32 - 1, whole: true }))
    .option(
      '--monitors <n>',
      'how many are made up (default: 1000)',
      number('--monitors', { min: 1, max: 2 ** 20, whole: true }),
    )
    .option(
      '--checks <n>',
      'it ends after so many (default: 100000, or none with --hours)',
      number('--checks', { min: 1, max: 1e12, whole: true }),
    )
    .option(
      '--hours <n>',
      'it ends after so many, simulated',
      number('--hours', { min: 0.001, max: 1e6, whole: false }),
    )
    .option(
      '--faults <list>',
      'what goes wrong: none, or drops=0.05,crashes=500; may be repeated (default: everything, often)',
      collect,
    )
    .option('--allow-command <path>', 'a program that a manifest may name; may be repeated', collect)
    .option('--json', 'the result as one JSON object')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nExit codes:\n  0 no violations · 1 usage · 3 violations · 130 ended early\n${examples(
        'millrace pulse simulate',
        'millrace pulse simulate --seed 7 --monitors 10000 --checks 1000000',
        'millrace pulse simulate monitors.yaml --hours 24 --faults none,falls=0.001,heals=0.1',
      )}`,
    )
    .action(async (manifest: string | undefined, flags: PulseSimulateFlags) => {
      const { simulatePulse } = await import('../commands/pulse-simulate.ts')
      onExitCode(await simulatePulse(manifest, flags))
    })
}

function count(flag: string, max = 1_000_000) {
  return number(flag, { min: 1, max, whole: true })
}

function number(flag: string, limit: Parameters<typeof readNumber>[1]) {
  return (text: string) => readNumber(flag, limit, text)
}

function readManifestPath(text: string): string {
  return readText('manifest', 'a file', text)
}
