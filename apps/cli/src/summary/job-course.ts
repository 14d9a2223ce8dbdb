import type { JobBrief } from '../job/job-report.ts'
import { isSilent } from '../job/job-sign.ts'
import { formatRough } from '../text/numbers.ts'
import { printable } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import type { View } from './sections.ts'

/** Why a job that is under way does not move, as far as is known: lines, none where it moves. */
export function courseLines(
  { job, paused, heardSecondsAgo }: Pick<JobBrief, 'job' | 'paused' | 'heardSecondsAgo'>,
  { width, style }: View,
): string[] {
  const said = [
    ...(isSilent(heardSecondsAgo)
      ? [
          `Job ${job} runs as far as is known, but was not heard of for ${formatRough(heardSecondsAgo)}: it hangs, or is cut off.`,
        ]
      : []),
    ...(paused === null ? [] : [`Job ${job} is paused: ${printable(paused)}.`]),
  ]
  return said.flatMap((line) => wrapWords(line, width)).map(style.yellow)
}
