import { formatItems } from '../text/numbers.ts'

/** What a job answers to a first Ctrl-C, with so many batches in hand. One line of a terminal of 80 columns, beside the `^C` that it shows. */
export function drainingWords(batches: number): string {
  const what = batches === 0 ? 'Stopping' : `Finishing ${formatItems(batches, 'batch', 'batches')} in hand`
  return `${what}; press Ctrl-C again to stop at once.`
}

/** The same of a worker, whose batches others can have. */
export const LEAVING_WORDS = 'Finishing what is in hand; the rest is given back. Ctrl-C again stops at once.'
