import { readFileSync, writeSync } from 'node:fs'
import type { ChaosLine, ChaosOrder } from './chaos-order.ts'
import { driveEngine } from './drive-engine.ts'

/** Where lines go: not standard output, on which a processor may print. */
const LINES = 3

const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ChaosOrder
await driveEngine(order, (line: ChaosLine) => void writeSync(LINES, `${JSON.stringify(line)}\n`))
