import type { EngineEvent } from '@millrace/files'
import { type Logger, pino } from 'pino'
import type { LogLevel } from './config/log-level.ts'
import { formatSeconds } from './text/numbers.ts'
import type { Style } from './text/style.ts'
import { printable } from './text/width.ts'
import { wrapWords } from './text/wrap.ts'

export interface LogOptions {
  readonly level: LogLevel
  /** Takes each line, without its end. */
  readonly write: (line: string) => void
  /** Given where people read along: lines are then words instead of JSON, wrapped at this width. */
  readonly view?: LogView
}

interface LogView {
  readonly style: Style
  readonly width: number
}

/** The log: JSON lines for programs, or short ones in words for a terminal. Lines are written as they come. */
export function createLog({ level, write, view }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: plainError },
    },
    { write: (line: string) => write(view === undefined ? line.trimEnd() : inWords(line, view)) },
  )
}

const LEVELS: Readonly<Record<EngineEvent['type'], Exclude<LogLevel, 'silent'>>> = {
  'job-queued': 'info',
  'job-started': 'info',
  'discovery-progress': 'trace',
  'discovery-problem': 'warn',
  'discovery-done': 'info',
  'tree-met': 'info',
  'batches-planned': 'info',
  'worker-started': 'debug',
  'worker-stopped': 'debug',
  'worker-output': 'info',
  'batch-started': 'debug',
  'batch-committed': 'info',
  'file-delivered': 'trace',
  'file-confirmed': 'trace',
  'file-retried': 'debug',
  'file-quarantined': 'info',
  'limits-changed': 'info',
  paused: 'warn',
  // Whoever reads that it paused must read that it goes on.
  continued: 'warn',
  'quarantine-reopened': 'info',
  exporting: 'info',
  exported: 'info',
  'export-skipped': 'info',
  'job-finished': 'info',
}

/** Columns that the level takes. */
const INDENT = 6

/** Writes an event of the engine at its level: batches at info and debug, files that succeed at trace. */
export function logEvent(log: Logger, event: EngineEvent): void {
  const level = event.type === 'worker-stopped' && wasLost(event.reason) ? 'warn' : LEVELS[event.type]
  if (!log.isLevelEnabled(level)) return
  const { type, ...facts } = event
  log[level](type === 'discovery-problem' && 'problem' in facts ? facts.problem : facts, type)
}

function wasLost(reason: string): boolean {
  return reason === 'crashed' || reason === 'deadline' || reason === 'memory'
}

function inWords(line: string, { style, width }: LogView): string {
  const { level, time: _, msg, message, detail, ...facts } = forPeople(JSON.parse(line) as Record<string, unknown>)
  const paint = level === 'error' ? style.red : level === 'warn' ? style.yellow : style.dim
  const said = [msg, message, detail].filter((part) => typeof part === 'string' && part !== '').join(': ')
  const words = Object.entries(facts).map(
    ([key, value]) => `${key}=${typeof value === 'number' ? Number(value.toFixed(1)) : wordOf(value)}`,
  )
  const [first = '', ...more] = wrapWords([said, ...words].map(printable).join(' '), width - INDENT)
  return [`${paint(String(level).padEnd(INDENT))}${first}`, ...more.map((rest) => ' '.repeat(INDENT) + rest)].join('\n')
}

/** Of a pause only why and how long: who paused it says the reason. */
function forPeople(fields: Record<string, unknown>): Record<string, unknown> {
  const { level, msg, reason, pausedMs } = fields
  if (msg === 'paused') return { level, msg, message: reason }
  if (msg === 'continued' && typeof pausedMs === 'number')
    return { level, msg: `going on, after ${formatSeconds(pausedMs / 1000)}` }
  return fields
}

/** An error in a line of the log: without its stack, which tells of the program, not of what went wrong. */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { message } = error
  return 'code' in error ? { code: error.code, message } : { message }
}

function wordOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'message' in value ? String(value.message) : JSON.stringify(value)
}
