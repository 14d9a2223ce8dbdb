import { isOwnerAlive, type JobRow, type Ledger, openLedger } from '@millrace/files'
import type { Cluster, IsJobAlive } from '@millrace/files/postgres'
import { publicUrl } from '../config/postgres-url.ts'
import type { Settings } from '../config/settings.ts'
import { commandLine } from '../terminal.ts'
import { type JobSign, signOfLocal } from './job-sign.ts'

type Place = Pick<Settings, 'stateDir' | 'postgres'>

/** The home of a job that workers on other machines do, or undefined where this machine does all of it. What it takes is loaded then only. */
export async function openHome({ postgres, dir }: Pick<Settings, 'postgres' | 'dir'>): Promise<Cluster | undefined> {
  if (postgres === undefined) return undefined
  const { Cluster } = await import('@millrace/files/postgres')
  const workCommand = commandLine(['files', 'work', '--postgres', publicUrl(postgres), '--root', dir], process.env)
  return Cluster.open({ ledger: { url: postgres }, workCommand })
}

/** A ledger to be read, and who works on its jobs. */
export interface LedgerView {
  readonly ledger: Ledger
  /** As the jobs are at the moment. */
  readonly liveness: () => Promise<IsJobAlive>
  /** What a job that runs has told of itself last; undefined where that is not known. */
  readonly signOf: (jobId: string) => Promise<JobSign | undefined>
}

/** Opens a ledger that is there, wherever it is, to read it. */
export async function openToRead({ stateDir, postgres }: Place): Promise<LedgerView> {
  if (postgres !== undefined) {
    const { openLookout } = await import('@millrace/files/postgres')
    const { sign, ...lookout } = await openLookout({ url: postgres })
    const signOf = async (jobId: string) => {
      const told = await sign()
      return told?.jobId === jobId ? told : undefined
    }
    return { ...lookout, signOf }
  }
  const ledger = await openLedger(stateDir, { readonly: true })
  const liveness = async () => (job: Pick<JobRow, 'owner'>) => isOwnerAlive(job.owner)
  return { ledger, liveness, signOf: (jobId) => signOfLocal(stateDir, jobId) }
}
