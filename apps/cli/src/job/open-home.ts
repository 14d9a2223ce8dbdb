import { isOwnerAlive, type Ledger, openLedger } from '@millrace/files'
import type { Cluster, Lookout } from '@millrace/files/postgres'
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

/** A ledger to be read, and who works on its jobs. */
export type LedgerView = { readonly ledger: Ledger } & Pick<Lookout, 'liveness'>

/** Opens a ledger that is there, wherever it is, to read it. */
export async function openToRead({ stateDir, postgres }: Place): Promise<LedgerView> {
  if (postgres !== undefined) return (await import('@millrace/files/postgres')).openLookout({ url: postgres })
  const ledger = await openLedger(stateDir, { readonly: true })
  return { ledger, liveness: async () => (job) => isOwnerAlive(job.owner) }
}
