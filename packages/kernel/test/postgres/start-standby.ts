import { appendFileSync, cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from './start-postgres.ts'

/** Runs a statement in a session of the server, which is the same for all. */
export type Ask = (statement: string) => Promise<{ readonly rows: readonly Record<string, string>[] }>

/**
 * Starts a hot standby of a server that runs: it can be read, follows what is written there, and takes no changes of its own.
 * @param ask a session of the primary, as a superuser
 */
export async function startStandby(primary: TestPostgres, ask: Ask): Promise<TestPostgres> {
  return await startPostgres({
    async makeData(databaseDir) {
      await ask(`SELECT pg_backup_start('standby', true)`)
      cpSync(primary.dataFolder, databaseDir, { recursive: true, preserveTimestamps: true })
      const { rows } = await ask('SELECT labelfile FROM pg_backup_stop()')
      rmSync(join(databaseDir, 'postmaster.pid'))
      writeFileSync(join(databaseDir, 'backup_label'), rows[0]!.labelfile!)
      writeFileSync(join(databaseDir, 'standby.signal'), '')
      const { username, password, hostname, port } = new URL(primary.url)
      const primaryPlace = `host=${hostname} port=${port} user=${username} password=${password}`
      appendFileSync(join(databaseDir, 'postgresql.auto.conf'), `primary_conninfo = '${primaryPlace}'\n`)
    },
  })
}
