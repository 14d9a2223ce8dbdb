import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import parseArgv from 'string-argv'
import type { DiscoveredFile } from '../../file.ts'
import { stampOf } from '../../stamp.ts'
import { defineProcessor, type FileInput, type ProcessedRecord, type Processor } from '../processor.ts'
import { fileChanged } from '../read-failure.ts'
import { groupsOf } from './groups-of.ts'
import { type ProgramEnd, runProgram } from './run-program.ts'

export interface CommandOptions {
  /**
   * The program and its arguments; no shell reads them. `{}` in one stands for the file's path: one run a file. An argument that is `{files}` stands for the
   * paths of a whole batch: one run for all, which prints a line of JSON with its `path` for each. Where neither is there, the file's contents are the program's
   * input. Paths are relative to the tree, in which the program runs.
   */
  readonly argv: readonly string[]
  /** Which files it is for. @default those of programs, and of languages known by name */
  readonly match?: (file: DiscoveredFile) => boolean
  /** Exit codes that are no failure. @default [0] */
  readonly exitCodes?: readonly number[]
  /** Raise it when the program gives something else than it did: results of the old version become stale. @default '1' */
  readonly version?: string
}

/** What the record of a file is where the program prints something else than a JSON object. */
export interface CommandRecord {
  readonly exitCode: number
  /** What the program printed, but for the last line feed. */
  readonly output: string
}

/** In an argument, the path of one file. */
const ONE = '{}'
/** As an argument, the paths of a batch. */
const ALL = '{files}'
/** A run for a batch that takes longer is ended, and its files run alone: each has its own deadline then. */
const BATCH_MS = 15_000
const SHOWN_CHARS = 500

/** What a batch's run said of a file, and what the file was before that run. */
interface Said {
  readonly stamp: string
  readonly record: ProcessedRecord
}

/**
 * Any program as a processor. What it prints for a file, where that is a JSON object, is the record; else the record is a {@link CommandRecord}.
 *
 * A batch whose run fails, takes longer than 15 s or leaves files out is made up for file by file, so that the failure is that of one file
 * (`COMMAND_FAILED`, with exit code and last words). A file that changes between the run and the read is done again. The program and all that it
 * starts end with the worker.
 * @throws {MillraceError} `PROCESSOR_ARGUMENT` where there is no program.
 */
export function commandProcessor({
  argv,
  match = isProgram,
  exitCodes = [0],
  version = '1',
}: CommandOptions): Processor {
  const [program] = argv
  if (program === undefined || program === '') {
    throw new MillraceError(
      'PROCESSOR_ARGUMENT',
      'The processor command needs a program to run, as in "command:wc -l {}". {} is the path of a file, {files} those of a batch.',
      { detail: { processor: 'command', argv } },
    )
  }
  const mode = argv.includes(ALL) ? 'batch' : argv.some((each) => each.includes(ONE)) ? 'path' : 'input'
  const said = new Map<string, Said>()

  const forFiles = (paths: readonly string[]) =>
    argv.flatMap((each) => (each === ALL ? paths.map(asArgument) : each.replaceAll(ONE, asArgument(paths[0]!))))
  const checked = (end: ProgramEnd, path: string): ProgramEnd => {
    if (end.exitCode !== null && exitCodes.includes(end.exitCode)) return end
    throw failed(program, path, end)
  }

  return defineProcessor<ProcessedRecord>({
    name: 'command',
    version: `${version}-${hash('sha256', JSON.stringify([argv, exitCodes]), 'hex').slice(0, 12)}`,
    match,
    async begin(files, root) {
      said.clear()
      if (mode !== 'batch') return
      for (const group of groupsOf(files.map(({ path }) => path))) {
        const stamps = new Map(group.map((path) => [path, stampAt(root, path)]))
        const end = await runProgram(forFiles(group), { cwd: root, withinMs: BATCH_MS })
        if (end.exitCode === null || !exitCodes.includes(end.exitCode)) continue
        for (const record of recordsIn(end.stdout)) {
          const path = typeof record.path === 'string' ? record.path.replace(/^\.\//, '') : ''
          const stamp = stamps.get(path)
          if (stamp !== undefined) said.set(path, { stamp, record: withoutHead(record) })
        }
      }
    },
    async process(input) {
      const { path } = input.file
      const root = rootOf(input)
      const before = said.get(path)
      if (before !== undefined) {
        said.delete(path)
        if (stampAt(root, path) === before.stamp) return before.record
      }
      const contents = mode === 'input' ? input.bytes : undefined
      const end = checked(await runProgram(forFiles([path]), { cwd: root, ...(contents && { input: contents }) }), path)
      if (mode !== 'input' && !holds(input)) throw fileChanged(path)
      if (mode !== 'batch') return recordOf(end)
      const record = recordsIn(end.stdout).find((each) => String(each.path).replace(/^\.\//, '') === path)
      if (record === undefined) throw failed(program, path, end, 'printed no line of JSON with this path')
      return withoutHead(record)
    },
  })
}

/**
 * The built-in `command`: what stands behind the colon is a program and its arguments, separated by spaces, in quotes where they have some.
 * @throws {MillraceError} `PROCESSOR_ARGUMENT`.
 */
export function commandOf(argument: string): Processor {
  return commandProcessor({ argv: parseArgv(argument) })
}

function isProgram({ kind, language }: DiscoveredFile): boolean {
  return kind === 'source' || language !== null
}

/** A path that begins with a dash would be an option. */
function asArgument(path: string): string {
  return `./${path}`
}

function rootOf({ absolutePath, file }: FileInput): string {
  return absolutePath.slice(0, absolutePath.length - file.path.length)
}

function stampAt(root: string, path: string): string {
  const stats = statSync(join(root, path), { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? '' : stampOf(stats)
}

/** Whether the file still holds what was read: what the program read is then what the result stands for. */
function holds({ absolutePath, bytes }: FileInput): boolean {
  try {
    return readFileSync(absolutePath).equals(bytes)
  } catch {
    return false
  }
}

function recordOf({ stdout, exitCode }: ProgramEnd): ProcessedRecord {
  const object = objectIn(stdout)
  return object === undefined
    ? ({ exitCode: exitCode!, output: stdout.replace(/\n$/, '') } satisfies CommandRecord)
    : withoutHead(object)
}

function recordsIn(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .map(objectIn)
    .filter((object) => object !== undefined)
}

function objectIn(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** These two keys are the engine's. */
function withoutHead({ path: _path, hash: _hash, ...record }: Record<string, unknown>): ProcessedRecord {
  return record
}

function failed(
  program: string,
  path: string,
  { exitCode, signal, stderr, failure }: ProgramEnd,
  why?: string,
): MillraceError {
  const how = why ?? failure ?? (signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`)
  const words = stderr.trim().slice(-SHOWN_CHARS)
  return new MillraceError(
    'COMMAND_FAILED',
    `The command ${program} ${how} for ${path}${words === '' ? '.' : `: ${words}`}`,
    { detail: { program, path, exitCode, signal, stderr: words } },
  )
}
