// Lead: run from /work/main with `node --conditions=millrace-source`; starts a PostgreSQL, tunes, writes docs/pictures/batch-size-curve.json
import { writeFileSync } from 'node:fs'
import { startPostgres } from '/work/main/packages/intents/test/postgres/start-postgres.ts'
import { tunePostgres } from '/work/main/packages/intents/src/model/tune-postgres.ts'
await using postgres = await startPostgres()
const seconds = Number(process.argv[2] ?? 120)
const result = await tunePostgres({ url: postgres.url, seconds, rounds: 5, latencyMs: 1000 })
writeFileSync('/work/main/docs/pictures/batch-size-curve.json', `${JSON.stringify({ ...result, measuredAt: new Date().toISOString() })}\n`)
console.table(result.points); console.log(result.time)
