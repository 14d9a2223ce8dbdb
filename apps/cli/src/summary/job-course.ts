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
  const silence = isSilent(heardSecondsAgo)
    ? wrapWords(
        `Job ${job} runs as far as is known, but was not heard of for ${formatRough(heardSecondsAgo)}: it hangs, or is cut off.`,
        width,
      )
    : []
  return [...silence, ...pauseLines(job, paused, width)].map(style.yellow)
}

/** A command in the reason, which is its end, has a line of its own: it is to be copied. */
function pauseLines(job: string, paused: string | null, width: number): string[] {
  if (paused === null) return []
  const [reason = '', command] = printable(paused).split(/(?<=:) (?=(?:npx )?millrace )/)
  const sentence = `Job ${job} is paused: ${reason}${command === undefined ? '.' : ''}`
  return [...wrapWords(sentence, width), ...(command === undefined ? [] : [`  ${command}`])]
}
