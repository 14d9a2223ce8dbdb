/** Reads the ledger in the folder that is its argument, and prints the ids of its jobs, or why it cannot. */
import { MillraceError } from '@millrace/kernel'
import { openLedger } from '../../src/ledger/open-ledger.ts'

try {
  await using ledger = await openLedger(process.argv[2] ?? '', { readonly: true })
  const jobs = (await ledger.jobs()).map(({ jobId }) => jobId)
  console.log(JSON.stringify({ jobs }))
} catch (error) {
  if (!(error instanceof MillraceError)) throw error
  console.log(JSON.stringify({ code: error.code, message: error.message }))
}
