import type { BenchFile } from './bench.ts'
import type { BenchRow } from './row.ts'

/** Runs one bench file in a process of its own and sends its rows to the parent. */
const [file, quick] = process.argv.slice(2)
const { default: run } = (await import(file!)) as { default: BenchFile }
await run({ quick: quick === 'quick', report: (rows: readonly BenchRow[]) => process.send?.(rows) })
process.disconnect?.()
