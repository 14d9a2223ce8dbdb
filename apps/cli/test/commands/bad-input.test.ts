import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Folder, runMillrace } from '../run-millrace.ts'
import type { Answer, CommandLine } from './many-millrace.ts'
import { runMany } from './run-many.ts'

const tree = { 'tree/a.js': 'export const a = 1\n' }
/** Against hangs: no case takes long. */
const BOUND_MS = 240_000

interface Case {
  readonly name: string
  readonly args: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly code: string
  readonly says: RegExp
}

const cases: readonly Case[] = [
  { name: 'a folder that is not there', args: ['run', 'gone'], code: 'ROOT_MISSING', says: /gone/ },
  { name: 'a folder that is a file', args: ['run', 'tree/a.js'], code: 'ROOT_NOT_DIRECTORY', says: /a\.js/ },
  { name: 'an empty folder name', args: ['run', ''], code: 'FLAG_INVALID', says: /dir must be a folder, got ""/ },
  {
    name: 'an unknown flag',
    args: ['run', '--wokers', '2'],
    code: 'FLAG_UNKNOWN',
    says: /'--wokers'.*Did you mean --workers\?/,
  },
  { name: 'a flag without its value', args: ['run', '--out'], code: 'FLAG_INVALID', says: /--out/ },
  {
    name: 'a flag with a bad value',
    args: ['run', '--workers', 'many'],
    code: 'FLAG_INVALID',
    says: /--workers must be .*1 to 1024, got "many"/,
  },
  { name: 'a bad level of the log', args: ['run', '--log-level', 'loud'], code: 'FLAG_INVALID', says: /silent, error/ },
  { name: 'a bad priority', args: ['run', '--priority', 'src/**'], code: 'FLAG_INVALID', says: /LEVEL:GLOB/ },
  { name: 'an unknown command', args: ['rum'], code: 'COMMAND_UNKNOWN', says: /Did you mean run\?/ },
  { name: 'two folders', args: ['run', 'tree', 'more'], code: 'ARGUMENTS_INVALID', says: /--help/ },
  {
    name: 'an unknown processor',
    args: ['run', 'tree', '--processor', 'sintax'],
    code: 'PROCESSOR_UNKNOWN',
    says: /sintax.*syntax/,
  },
  { name: 'an unknown sink', args: ['run', 'tree', '--sink', 'jsonll'], code: 'SINK_UNKNOWN', says: /jsonl/ },
  {
    name: 'an output below a file',
    args: ['run', 'tree', '--out', 'tree/a.js/out.jsonl'],
    code: 'OUT_UNWRITABLE',
    says: /a\.js/,
  },
  { name: 'an output that is a folder', args: ['run', 'tree', '--out', 'tree'], code: 'OUT_UNWRITABLE', says: /tree/ },
  {
    name: 'a state folder below a file',
    args: ['run', 'tree', '--state', 'tree/a.js/state'],
    code: 'STATE_UNWRITABLE',
    says: /a\.js/,
  },
  {
    name: 'a configuration that is not there',
    args: ['run', 'tree', '--config', 'gone.ts'],
    code: 'CONFIG_MISSING',
    says: /gone\.ts/,
  },
  {
    name: 'a configuration with a typo',
    args: ['run', 'tree'],
    files: { 'millrace.config.json': '{"files":{"workerCont":2}}' },
    code: 'CONFIG_INVALID',
    says: /millrace\.config\.json: files\.workerCont is no known field\. Did you mean workerCount\?/,
  },
  {
    name: 'a configuration that is not JSON',
    args: ['run', 'tree'],
    files: { 'millrace.config.json': '{"files":' },
    code: 'CONFIG_LOAD_FAILED',
    says: /millrace\.config\.json/,
  },
  {
    name: 'a configuration that is a folder',
    args: ['run', 'tree', '--config', 'tree'],
    code: 'CONFIG_LOAD_FAILED',
    says: /tree is a folder\. Name the file in it with --config FILE\./,
  },
  { name: 'an unknown profile', args: ['run', 'tree', '--profile', 'demo'], code: 'PROFILE_UNKNOWN', says: /"demo"/ },
  {
    name: 'a level that is a folder',
    args: ['run', '--queue', 'tree'],
    code: 'FLAG_INVALID',
    says: /--queue must be a level of LOW, MEDIUM, HIGH, CRITICAL, got "tree"/,
  },
  {
    name: 'a port that is none',
    args: ['run', 'tree', '--metrics', '65536'],
    code: 'FLAG_INVALID',
    says: /--metrics must be a whole number from 0 to 65535, got "65536"/,
  },
  { name: 'a port in words', args: ['resume', '--metrics', 'http'], code: 'FLAG_INVALID', says: /got "http"/ },
  { name: 'a pause of no length', args: ['run', '--max-pause', '-1'], code: 'FLAG_INVALID', says: /--max-pause/ },
  { name: 'no folder for profiles', args: ['run', '--cpu-prof', ''], code: 'FLAG_INVALID', says: /--cpu-prof/ },
  {
    name: 'both verify and fresh',
    args: ['run', 'tree', '--verify', '--fresh'],
    code: 'FLAG_INVALID',
    says: /--verify must be alone/,
  },
  {
    name: 'a glob that is not closed',
    args: ['run', 'tree', '--include', '*.ts', '--include', 'src/['],
    code: 'FLAG_INVALID',
    says: /The glob "src\/\[" of --include has a \[ that is never closed; write \\\[ where it means itself\./,
  },
  {
    name: 'a glob that is negated',
    args: ['watch', 'tree', '--exclude', '!*.ts'],
    code: 'FLAG_INVALID',
    says: /The glob "!\*\.ts" of --exclude is negated; write --include "\*\.ts"\./,
  },
  {
    name: 'a glob of a priority that nothing opens',
    args: ['run', 'tree', '--priority', 'high:a)'],
    code: 'FLAG_INVALID',
    says: /The glob "a\)" of --priority has a \) that closes nothing/,
  },
  { name: 'a flag of run', args: ['resume', '--include', '*.js'], code: 'FLAG_UNKNOWN', says: /files resume --help/ },
  { name: 'chaos without a processor', args: ['chaos', 'tree'], code: 'ARGUMENTS_INVALID', says: /--processor/ },
  {
    name: 'chaos without a kill',
    args: ['chaos', '--processor', 'syntax', '--kills', '0'],
    code: 'FLAG_INVALID',
    says: /--kills must be a whole number from 1 to 500, got "0"/,
  },
  { name: 'chaos in no folder', args: ['chaos', 'gone', '--processor', 'syntax'], code: 'ROOT_MISSING', says: /gone/ },
  {
    name: 'chaos of a processor that is not there',
    args: ['chaos', '--processor', './gone.ts'],
    code: 'PROCESSOR_UNKNOWN',
    says: /gone\.ts/,
  },
  {
    name: 'chaos of a processor that takes none of the files',
    args: ['chaos', 'tree', '--processor', 'ast-json'],
    code: 'CHAOS_NOTHING_TAKEN',
    says: /"ast-json" takes none of the files of .*tree/,
  },
  { name: 'nothing to resume', args: ['resume'], code: 'LEDGER_MISSING', says: /nothing was started there/ },
  { name: 'nothing to pause', args: ['pause'], code: 'JOB_NOT_RUNNING', says: /No job is running on the ledger/ },
  {
    name: 'nothing to configure',
    args: ['configure', '--workers', '2'],
    code: 'JOB_NOT_RUNNING',
    says: /No job is running on the ledger/,
  },
  { name: 'a change of nothing', args: ['configure'], code: 'ARGUMENTS_INVALID', says: /--workers, --memory/ },
  {
    name: 'a change to nonsense',
    args: ['configure', '--workers', '0'],
    code: 'FLAG_INVALID',
    says: /from 1 to 1024, got "0"/,
  },
  { name: 'no ledger with a quarantine', args: ['quarantine', 'list'], code: 'LEDGER_MISSING', says: /files run/ },
  { name: 'no path to show', args: ['quarantine', 'show'], code: 'ARGUMENTS_INVALID', says: /quarantine show --help/ },
  { name: 'no ledger to retry in', args: ['quarantine', 'retry'], code: 'LEDGER_MISSING', says: /files run/ },
  {
    name: 'an unknown command of the quarantine',
    args: ['quarantine', 'lst'],
    code: 'COMMAND_UNKNOWN',
    says: /Did you mean list\?/,
  },
  { name: 'no ledger to list', args: ['jobs'], code: 'LEDGER_MISSING', says: /millrace files run/ },
  { name: 'no ledger to show', args: ['show'], code: 'LEDGER_MISSING', says: /millrace files run/ },
]

describe('bad input', () => {
  const folders = new AsyncDisposableStack()
  let ended: readonly Answer[]

  beforeAll(async () => {
    const lines: CommandLine[] = []
    for (const { args, files } of cases) {
      const folder = folders.use(await Folder.with({ ...tree, ...files }))
      lines.push({ cwd: folder.path, args: ['files', ...args] })
    }
    ended = await runMany(lines)
  }, BOUND_MS)
  afterAll(() => folders.disposeAsync())

  it.each(cases.map((its, index) => ({ ...its, index })))('$name is $code', ({ index, code, says }) => {
    const { code: exit, stdout, stderr } = ended[index]!
    expect(stderr).toMatch(says)
    expect(stderr).toMatch(new RegExp(`^millrace: .* \\(${code}\\)\n$`))
    expect(stdout).toBe('')
    expect(exit).toBe(1)
  })

  it('ends the command itself in the same way', async () => {
    await using folder = await Folder.with()
    const { code, stdout, stderr } = await runMillrace(folder.path, ['files', 'run', 'gone'])
    expect(stderr).toMatch(/^millrace: .*gone.* \(ROOT_MISSING\)\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  it('tells programs too', async () => {
    await using folder = await Folder.with()
    const { code, stdout } = await runMillrace(folder.path, ['files', 'run', 'gone', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ROOT_MISSING' })
    expect(code).toBe(1)
  })
})
