import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOCKFILES, type LockEntry, type Lockfile, type MissingEntry, missingEntries, readLock } from './lock.ts'
import { repository } from './run-tool.ts'

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** Gives the lockfile with an entry for each optional package it misses, platform by name, as npm would have written it but for the hash. */
function completed(lockfile: Lockfile, missing: readonly MissingEntry[]): Lockfile {
  const added = missing.map(({ at, version, dev }): [string, LockEntry] => {
    const words = at.slice(at.lastIndexOf('/') + 1).split('-')
    const os = words.find((word) => SYSTEMS.includes(word))
    const cpu = words.find((word) => PROCESSORS.includes(word))
    return [at, { version, ...(cpu && { cpu: [cpu] }), ...(dev && { dev }), optional: true, ...(os && { os: [os] }) }]
  })
  const entries = [...Object.entries(lockfile.packages), ...added].sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...lockfile, packages: Object.fromEntries(entries) }
}

for (const path of LOCKFILES.filter((path) => existsSync(join(repository, path)))) {
  const file = join(repository, path)
  const lockfile = readLock(file)
  const missing = missingEntries(lockfile)
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completed(lockfile, missing), null, 2)}\n`)
  console.log(`${path}: ${missing.length} entries added`)
}
