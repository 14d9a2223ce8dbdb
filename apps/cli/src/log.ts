import type { EngineEvent } from '@millrace/files'
import { type Logger, pino } from 'pino'
import type { LogLevel } from './config/log-level.ts'
import type { Style } from './text/style.ts'
import { printable } from './text/width.ts'

export interface LogOptions {
  readonly level: LogLevel
  /** Takes each line, without its end. */
  readonly write: (line: string) => void
  /** Given where people read along: lines are then words instead of JSON. */
  readonly style?: Style
}

/** The log: JSON lines for programs, or short ones in words for a terminal. Lines are written as they come. */
export function createLog({ level, write, style }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(style === undefined ? line.trimEnd() : inWords(line, style)) },
  )
}

const LEVELS: Readonly<Record<EngineEvent['type'], Exclude<LogLevel, 'silent'>>> = {
  'job-started': 'info',
  'discovery-progress': 'trace',
  'discovery-problem': 'warn',
  'discovery-done': 'info',
  'batches-planned': 'info',
  'worker-started': 'debug',
  'worker-stopped': 'debug',
  'worker-output': 'info',
  'batch-started': 'debug',
  'batch-committed': 'info',
  'file-delivered': 'trace',
  'file-retried': 'debug',
  'file-quarantined': 'info',
  'limits-changed': 'info',
  exporting: 'info',
  'job-finished': 'info',
}

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

function inWords(line: string, style: Style): string {
  const { level, time: _, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const name = String(level).padEnd(5)
  const paint = level === 'error' ? style.red : level === 'warn' ? style.yellow : style.dim
  const words = Object.entries(facts).map(([key, value]) => {
    return `${key}=${typeof value === 'string' ? printable(value) : JSON.stringify(value)}`
  })
  return `${paint(name)} ${printable(String(msg ?? ''))} ${style.dim(words.join(' '))}`.trimEnd()
}
