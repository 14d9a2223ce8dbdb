import { Command } from 'commander'
import { readChoice, readNumber, readText } from '../config/flag-values.ts'
import type { LoadFlags } from '../config/intents-load.ts'
import type { ServeFlags } from '../config/intents-settings.ts'
import { portLimit } from '../config/limits.ts'
import type { ExitCode } from '../exit-code.ts'
import { collect, examples, logLevelOption } from './options.ts'
import { modelCommand, tuneCommand } from './sizing-commands.ts'

const PRESETS = ['small', 'medium', 'large'] as const

/** `millrace intents` with what is below it. */
export function intentsCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('intents')
    .description('Write many small changes as few large ones, each answered when it is committed.')
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples('millrace intents serve', 'millrace intents load http://127.0.0.1:8787'))
  for (const create of [serveCommand, loadCommand, modelCommand, tuneCommand]) command.addCommand(create(onExitCode))
  return command
}

function serveCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('serve')
    .summary('take intents over HTTP and WebSocket, and write them to PostgreSQL')
    .description(
      'Take intents over HTTP and WebSocket and write them in batches: to a PostgreSQL, or for a first look to an embedded one. Without definitions in a configuration file it is a store of JSON documents.',
    )
    .optionsGroup('Where:')
    .option('--postgres <url>', 'the database (default: an embedded PGlite in the state folder)')
    .option('--port <port>', 'where to listen; 0 for any free port (default: 8787)', (text: string) =>
      readNumber('--port', portLimit, text),
    )
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)', (text: string) =>
      readText('--host', 'a host', text),
    )
    .option('--state <dir>', 'where an embedded database lies, and what could not be written (default: .millrace)')
    .optionsGroup('Who:')
    .option('--token <token>', 'a bearer token that clients must show one of; may be repeated', collect)
    .option('--token-file <file>', 'a file with tokens, one a line')
    .option('--insecure', 'let any machine write without a token')
    .optionsGroup('How:')
    .option('--preset <size>', `${PRESETS.join(', ')}: how batches are formed (default: by load)`, (text: string) =>
      readChoice('--preset', PRESETS, text),
    )
    .option('--drain <seconds>', 'most time to write what there is when it stops (default: 30)', (text: string) =>
      readNumber('--drain', { min: 0, max: 86_400, whole: false, unit: 'seconds' }, text),
    )
    .option('--redrive', 'submit what could not be written before again, first')
    .option('--config <file>', 'configuration file (default: millrace.config.ts, .js or .json)')
    .optionsGroup('Output:')
    .option('--audit <file>', 'a log of every batch, a JSON object a line', (text: string) =>
      readText('--audit', 'a file', text),
    )
    .option('--quiet', 'print errors only')
    .addOption(logLevelOption())
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nExit codes:\n  0 all written · 1 usage · 3 some could not be written · 130 stopped at once\n${examples(
        'millrace intents serve',
        'millrace intents serve --postgres postgres://localhost/game --config game.config.ts',
        'millrace intents serve --host 0.0.0.0 --token-file tokens.txt --audit audit.jsonl',
      )}`,
    )
    .action(async (flags: ServeFlags) => {
      const { serveIntents } = await import('../commands/intents-serve.ts')
      onExitCode(await serveIntents(flags))
    })
}

function loadCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('load')
    .summary('send intents to a server, and measure')
    .description(
      'Send intents to a server at a steady rate and measure how long each takes to be committed, from the moment it was to be sent: a server that falls behind shows it.',
    )
    .argument('<url>', 'the server, such as http://127.0.0.1:8787')
    .option('--rate <n>', 'intents a second, or max for as fast as it goes (default: 2000)', readRate)
    .option('--seconds <n>', 'how long (default: 10)', (text: string) =>
      readNumber('--seconds', { min: 0.1, max: 86_400, whole: false }, text),
    )
    .option('--connections <n>', 'connections (default: 64, with --ws 8)', (text: string) =>
      readNumber('--connections', { min: 1, max: 10_000, whole: true }, text),
    )
    .option('--ws', 'over WebSocket')
    .option('--type <type>', 'the type of the intents (default: document.patch)')
    .option('--payload <json>', 'their payload; "{key}" in it is one of the keys, "{n}" counts', (text: string) =>
      readText('--payload', 'JSON', text),
    )
    .option('--keys <n>', 'different keys (default: 1000)', (text: string) =>
      readNumber('--keys', { min: 1, max: 1_000_000_000, whole: true }, text),
    )
    .option('--token <token>', 'the bearer token')
    .option('--json', 'the result as one JSON object')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      examples(
        'millrace intents load http://127.0.0.1:8787',
        'millrace intents load http://127.0.0.1:8787 --ws --rate 10000 --seconds 60',
        `millrace intents load http://127.0.0.1:8787 --type move --payload '{"id":"{key}","x":1}'`,
      ),
    )
    .action(async (url: string, flags: LoadFlags) => {
      const { loadIntents } = await import('../commands/intents-load.ts')
      onExitCode(await loadIntents(url, flags))
    })
}

function readRate(text: string): number {
  return text === 'max'
    ? Number.POSITIVE_INFINITY
    : readNumber('--rate', { min: 0.01, max: 1_000_000, whole: false }, text)
}
