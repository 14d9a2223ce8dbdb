import { resolve } from 'node:path'
import { type ChaosReport, type ChaosStep, runChaos } from '@millrace/files/chaos'
import { systemClock } from '@millrace/kernel/clock'
import { surviveClosedOutput } from '../closed-output.ts'
import { checkPostgresUrl, publicUrl } from '../config/postgres-url.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createPlainScreen, createTerminalScreen } from '../progress/screen.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { chaosReport } from '../summary/chaos-report.ts'
import { commandLine, isTerminal, pathFrom, printJson, viewOf } from '../terminal.ts'
import { formatCount, formatItems } from '../text/numbers.ts'

export interface ChaosFlags {
  readonly processor: readonly string[]
  readonly transform?: readonly string[]
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly seed?: number
  readonly kills?: number
  readonly files?: number
  readonly workers?: number
  readonly deadline?: number
  readonly heap?: number
  readonly postgres?: string
  readonly keep?: boolean
  readonly json?: boolean
}

const CODES: Readonly<Record<ChaosReport['verdict'], ExitCode>> = {
  sound: ExitCode.DELIVERED,
  faulty: ExitCode.QUARANTINED,
  lost: ExitCode.INCOMPLETE,
}

/** `millrace files chaos [dir]`: a processor while everything is killed around it. */
export async function chaosFiles(dir: string | undefined, flags: ChaosFlags): Promise<ExitCode> {
  const live = isTerminal(process.stderr) && flags.json !== true
  const screen = live ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  using interrupt = listenForInterrupt({
    source: process,
    clock: systemClock,
    onFirst: () => screen.close(),
    onSecond: () => {},
  })
  surviveClosedOutput(() => interrupt.request())
  let seed = flags.seed
  try {
    const cwd = process.cwd()
    const { processor, transform, include, exclude, deadline, heap, postgres } = flags
    const report = await runChaos({
      processors: processor,
      discover: { ...(include !== undefined && { include }), ...(exclude !== undefined && { exclude }) },
      keep: flags.keep === true,
      signal: interrupt.signal,
      onStep(step) {
        if (step.type === 'copied') seed = step.seed
        screen.draw([`  ${viewOf(process.stderr).style.dim(stepWords(step))}`])
      },
      ...(transform !== undefined && { transforms: transform }),
      ...(dir !== undefined && { dir: resolve(cwd, dir) }),
      ...(flags.seed !== undefined && { seed: flags.seed }),
      ...(flags.kills !== undefined && { kills: flags.kills }),
      ...(flags.files !== undefined && { files: flags.files }),
      ...(flags.workers !== undefined && { workers: flags.workers }),
      ...(deadline !== undefined && { deadlineSeconds: deadline }),
      ...(heap !== undefined && { heapMb: heap }),
      ...(postgres !== undefined && { postgres: checkPostgresUrl('--postgres', postgres) }),
    })
    screen.close()
    if (flags.json === true) printJson(report)
    else {
      const replayCommand = replay(dir, flags, report.seed)
      const pathOf = (path: string) => pathFrom(cwd, path)
      process.stdout.write(chaosReport(report, { ...viewOf(process.stdout), replayCommand, pathOf }))
    }
    return CODES[report.verdict]
  } catch (error) {
    screen.close()
    if (interrupt.signal.aborted) return ExitCode.INTERRUPTED
    screen.note(errorLine(error, viewOf(process.stderr).style))
    if (seed !== undefined && flags.seed === undefined) screen.note(`The seed was ${seed}.`)
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

/** The command line that does the same again. */
function replay(dir: string | undefined, flags: ChaosFlags, seed: number): string {
  const { processor, transform = [], include = [], exclude = [] } = flags
  const numbers = ['kills', 'files', 'workers', 'deadline', 'heap'] as const
  const words = [
    ...['files', 'chaos', ...(dir === undefined ? [] : [dir])],
    ...processor.flatMap((name) => ['--processor', name]),
    ...transform.flatMap((name) => ['--transform', name]),
    ...include.flatMap((glob) => ['--include', glob]),
    ...exclude.flatMap((glob) => ['--exclude', glob]),
    ...numbers.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}`, String(flags[name])])),
    ...(flags.postgres === undefined ? [] : ['--postgres', publicUrl(flags.postgres)]),
    ...['--seed', String(seed)],
  ]
  return commandLine(words, process.env)
}

function stepWords(step: ChaosStep): string {
  switch (step.type) {
    case 'copied':
      return `${formatItems(step.files, 'file')} copied, seed ${step.seed}`
    case 'undisturbed':
      return step.run === 'first' ? 'a run that nothing disturbs' : 'another run that nothing disturbs'
    case 'start':
      return `start ${formatCount(step.start)}: ${formatCount(step.made)} of ${formatItems(step.planned, 'fault')} made`
    case 'probe':
      return `${formatItems(step.files, 'file')} again and again in one process`
  }
}
