import { MillraceError } from '@millrace/kernel/errors'

/** The refusal to take out of quarantine what is not in it. */
export function quarantineUnknown(jobId: string, paths: readonly string[]): MillraceError {
  return new MillraceError(
    'QUARANTINE_UNKNOWN',
    `Job ${jobId} has not in quarantine: ${paths.join(', ')}. \`millrace files quarantine list\` shows what is. Nothing was taken out.`,
    { detail: { jobId, paths } },
  )
}
