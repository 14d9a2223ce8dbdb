import { writeSync } from 'node:fs'
import { openLedger } from '../../src/ledger/open-ledger.ts'

// Owns a ledger until it is killed, and says `true` when it does: node owning-child.ts STATE_DIR

const ledger = await openLedger(process.argv[2] ?? '')
writeSync(1, `${await ledger.tryOwn()}\n`)
setInterval(() => {}, 60_000)
