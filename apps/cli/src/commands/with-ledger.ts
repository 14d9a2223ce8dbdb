import type { Ledger } from '@millrace/files'
import type { PlaceFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { type LedgerView, openToRead } from '../job/open-home.ts'
import { errorLine } from '../report-error.ts'
import { viewOf } from '../terminal.ts'

/** What the commands that read a ledger share: its place, from the same settings as a run's; reading only; and how they fail. */
export async function withLedger(
  place: PlaceFlags,
  read: (ledger: Ledger, view: Omit<LedgerView, 'ledger'>) => Promise<void>,
): Promise<ExitCode> {
  try {
    const { ledger, ...view } = await openToRead(await loadSettings(process.cwd(), place))
    await using _open = ledger
    await read(ledger, view)
    return ExitCode.DELIVERED
  } catch (error) {
    process.stderr.write(`${errorLine(error, viewOf(process.stderr).style)}\n`)
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}
