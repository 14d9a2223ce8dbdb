import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { sqliteFailure } from '../../src/ledger/sqlite-failure.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { randomBelow } from './random.ts'
import {
  byStamp,
  checkpoint,
  chunk,
  delivery,
  foundFiles,
  jobSpec,
  owned,
  owner,
  quarantined,
  temporaryFolder,
} from './samples.ts'

const FILES = 300

/** A ledger with something in each of its tables. */
function fill(stateDir: string): void {
  using db = openDatabase(stateDir, false)
  const ledger = new SqliteLedger(db, owned)
  const excluded = Array.from({ length: 60 }, (_, n) => ({ path: `zz/${100 + n}`, reason: 'hidden' as const }))
  for (const reuse of ['stamp', 'hash'] as const) {
    const jobId = ledger.enqueueJob(jobSpec)
    ledger.startJob(jobId, owner, 1)
    const { pending } = ledger.meetFiles(jobId, chunk(foundFiles(FILES), excluded), { ...byStamp, reuse })
    for (const batchId of [0, 1, 2, 3]) {
      const files = pending.slice(batchId * 50, batchId * 50 + 50)
      const fresh = files.filter(({ knownHash }) => knownHash === null).map(({ fileId }) => fileId)
      const poison = fresh.filter((id) => id % 10 === 3)
      ledger.commit(
        jobId,
        checkpoint(batchId, {
          deliveries: fresh
            .filter((id) => id % 10 !== 3)
            .map((id) => delivery(id, { record: JSON.stringify({ id, text: 'lorem ipsum '.repeat(20) }) })),
          confirmed: files
            .filter(({ knownHash }) => knownHash !== null)
            .map(({ fileId }) => ({
              fileId,
              stamp: fileId % 2 === 0 ? `a:b:${fileId}` : 'x',
            })),
          quarantined: poison.map(quarantined),
          attempts: poison.map((fileId) => ({ fileId, attempt: 1, code: 'EIO', message: 'no', ms: 1 })),
          highlights: fresh
            .filter((id) => id % 10 === 4)
            .map((fileId) => ({ fileId, list: 'complexity', label: `f${fileId}`, value: fileId })),
        }),
      )
    }
    if (reuse === 'stamp')
      ledger.finishJob(jobId, { state: 'interrupted', finishedMs: 3, summary: '{}', reason: 'No.' })
  }
  ledger.remember('costs', JSON.stringify({ typescript: 1.25 }))
}

/** A digest of all that the ledger in `stateDir` says, or the code of its refusal. */
function reading(stateDir: string, open = openDatabase): string {
  const file = join(stateDir, 'ledger.db')
  try {
    using db = open(stateDir, true)
    const ledger = new SqliteLedger(db, owned)
    const said: unknown[] = [ledger.jobs(), ledger.recall('costs')]
    for (const { jobId, supersededBy } of ledger.jobs()) {
      said.push(ledger.books(jobId), ledger.batches(jobId))
      if (supersededBy !== null) continue
      said.push(ledger.revision(jobId), ledger.exclusions(jobId), ledger.quarantine(jobId))
      said.push(ledger.attempts(jobId, 1e6), ledger.highlights(jobId, 1e6))
      // How long a file took, and when it was modified by its listing, decide nothing, and have no checksum.
      said.push(
        ledger
          .slowest(jobId, 1e6)
          .map(({ path, size }) => `${path} ${size}`)
          .sort(),
      )
      said.push(ledger.pendingFiles(jobId, -1, 1e6).map(({ mtimeMs: _, ...file }) => file))
      said.push(ledger.results(jobId, undefined, 1e6, 1e9))
    }
    return createHash('sha1').update(JSON.stringify(said)).digest('hex')
  } catch (error) {
    const failure = sqliteFailure(error, file)
    if (failure instanceof Error && 'code' in failure && String(failure.code).startsWith('LEDGER_')) {
      expect(failure.message).toMatch(/Restore|Update Millrace|files run|Name another folder/)
      return String(failure.code)
    }
    return String(failure)
  }
}

function folders() {
  const folder = temporaryFolder()
  const sound = join(folder.path, 'sound')
  const hurt = join(folder.path, 'hurt')
  fill(sound)
  mkdirSync(hurt)
  return { folder, sound, hurt, file: join(hurt, 'ledger.db') }
}

/** Flips a bit at places chosen by `seed`, and gives how often that was told, and what was neither told nor harmless. */
function flips(
  seed: number,
  count: number,
  open = openDatabase,
): { readonly told: number; readonly unnoticed: unknown[] } {
  const { folder, sound, hurt, file } = folders()
  using _ = folder
  const bytes = readFileSync(join(sound, 'ledger.db'))
  const whole = reading(sound)
  const random = randomBelow(seed)
  // A quarter of them where most is at stake: the header and the schema.
  const places = Array.from({ length: count }, (_, n) => random(n % 4 === 0 ? 16_384 : bytes.length))
  const unnoticed: unknown[] = []
  let told = 0
  for (const at of places) {
    const bit = random(8)
    const flipped = Buffer.from(bytes)
    flipped[at] = flipped[at]! ^ (1 << bit)
    writeFileSync(file, flipped)
    const said = reading(hurt, open)
    if (/^LEDGER_(CORRUPT|NEWER|MISSING)$/.test(said)) told++
    else if (said !== whole) unnoticed.push({ at, bit, said })
  }
  return { told, unnoticed }
}

it('tells every flipped bit, or is none the worse for it', { timeout: 240_000 }, () => {
  const { told, unnoticed } = flips(20_261_121, 160)
  expect(unnoticed).toEqual([])
  expect(told).toBeGreaterThan(30)
})

it.each(['UPDATE results SET reopened = 1 - reopened', `UPDATE results SET hash = 'x'`, "UPDATE files SET kind = 'x'"])(
  'tells a row that does not agree with its checksum: %s',
  (change) => {
    const { folder, sound } = folders()
    using _ = folder
    using db = new DatabaseSync(join(sound, 'ledger.db'))
    db.exec(change)
    expect(reading(sound)).toBe('LEDGER_CORRUPT')
  },
)

it('would not without looking when it opens', { timeout: 240_000 }, () => {
  const careless = (stateDir: string) => new DatabaseSync(join(stateDir, 'ledger.db'))
  expect(flips(20_261_121, 160, careless).unnoticed).not.toEqual([])
})

it.each([
  ['nothing', 0, 'LEDGER_MISSING'],
  ['half a header', 50, 'LEDGER_CORRUPT'],
  ['the header', 100, 'LEDGER_CORRUPT'],
  ['half a page', 8192, 'LEDGER_CORRUPT'],
  ['a page', 16_384, 'LEDGER_CORRUPT'],
  ['half of itself', 0.5, 'LEDGER_CORRUPT'],
  ['all but a page', -16_384, 'LEDGER_CORRUPT'],
])('tells that it was cut to %s', (_, length, code) => {
  const { folder, sound, hurt, file } = folders()
  using __ = folder
  copyFileSync(join(sound, 'ledger.db'), file)
  const { length: full } = readFileSync(file)
  truncateSync(file, length < 0 ? full + length : length < 1 ? Math.round(full * length) : length)
  expect(reading(hurt)).toBe(code)
})

it('loses at most the last calls when the log is damaged, and never a part of one', { timeout: 240_000 }, () => {
  using folder = temporaryFolder()
  const [live, hurt] = [join(folder.path, 'live'), join(folder.path, 'hurt')]
  mkdirSync(hurt)
  using db = openDatabase(live, false)
  const ledger = new SqliteLedger(db, owned)
  const jobId = ledger.enqueueJob(jobSpec)
  ledger.startJob(jobId, owner, 1)
  ledger.meetFiles(jobId, chunk(foundFiles(FILES)), byStamp)
  const ids = Array.from({ length: 10 }, (_, n) => n)
  for (const batchId of ids) {
    const files = ids.slice(1).map((n) => batchId * 10 + n)
    ledger.commit(
      jobId,
      checkpoint(batchId, { deliveries: files.map((id) => delivery(id)), quarantined: [quarantined(batchId * 10)] }),
    )
  }
  const log = readFileSync(join(live, 'ledger.db-wal'))
  const random = randomBelow(7)
  const lost = new Set<number>()
  for (let round = 0; round < 40; round++) {
    const at = Math.floor(log.length * 0.3) + random(Math.floor(log.length * 0.7))
    const damaged = Buffer.from(log)
    damaged[at] = damaged[at]! ^ (1 << random(8))
    copyFileSync(join(live, 'ledger.db'), join(hurt, 'ledger.db'))
    writeFileSync(join(hurt, 'ledger.db-wal'), round % 2 === 0 ? damaged : log.subarray(0, at))
    using copy = openDatabase(hurt, false)
    const found = new SqliteLedger(copy, owned)
    if (found.job() === undefined) continue
    const batches = found.batches(jobId)
    expect(batches.map(({ batchId, delivered, quarantined }) => [batchId, delivered, quarantined])).toEqual(
      batches.map((_, n) => [n, 9, 1]),
    )
    expect(found.books(jobId)).toMatchObject({ delivered: batches.length * 9, quarantined: batches.length })
    lost.add(ids.length - batches.length)
  }
  expect(lost.size).toBeGreaterThan(3)
})
