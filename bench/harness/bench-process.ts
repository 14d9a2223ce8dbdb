import type { BenchFile } from './bench.ts'
import type { BenchRow } from './row.ts'

/** What the process sends its parent, each as it comes. */
export type BenchWord = { readonly rows: readonly BenchRow[] } | { readonly text: string }

/** Runs one bench file in a process of its own and sends its rows to the parent. */
const [file, quick] = process.argv.slice(2)
const { default: run } = (await import(file!)) as { default: BenchFile }
const send = (word: BenchWord) => process.send?.(word)
await run({ quick: quick === 'quick', report: (rows) => send({ rows }), tell: (text) => send({ text }) })
process.disconnect?.()
