import { type Ledger, openLedger } from '@millrace/files'
import type { Cluster } from '@millrace/files/postgres'
import { publicUrl } from '../config/postgres-url.ts'
import type { Settings } from '../config/settings.ts'
import { commandLine } from '../terminal.ts'

type Place = Pick<Settings, 'stateDir' | 'postgres'>

/** The home of a job that workers on other machines do, or undefined where this machine does all of it. What it takes is loaded then only. */
export async function openHome({ postgres, dir }: Pick<Settings, 'postgres' | 'dir'>): Promise<Cluster | undefined> {
  if (postgres === undefined) return undefined
  const { Cluster } = await import('@millrace/files/postgres')
  const workCommand = commandLine(['files', 'work', '--postgres', publicUrl(postgres), '--root', dir], process.env)
  return Cluster.open({ ledger: { url: postgres }, workCommand })
}

/** Opens a ledger that is there, wherever it is, to read it. */
export async function openToRead({ stateDir, postgres }: Place): Promise<Ledger> {
  if (postgres === undefined) return openLedger(stateDir, { readonly: true })
  const { openPostgresLedger } = await import('@millrace/files/postgres')
  return openPostgresLedger({ url: postgres, readonly: true })
}
