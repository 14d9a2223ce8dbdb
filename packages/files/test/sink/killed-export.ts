import { postgres } from '../../src/sink/postgres/postgres.ts'

/** Exports into the table of the first argument, tells when half of it is on its way, and waits to be killed. */
const [out = ''] = process.argv.slice(2)
const writer = await postgres.open({ out, jobId: '20261122-001', rows: 1000, temporaryName: '.millrace-1.tmp' })
const rows = Array.from({ length: 500 }, (_, at) => ({
  path: `${at}`,
  hash: '',
  record: JSON.stringify({ path: `${at}`, hash: 'h' }),
}))
await writer.write(rows)
process.send?.('half')
setInterval(() => {}, 1000)
