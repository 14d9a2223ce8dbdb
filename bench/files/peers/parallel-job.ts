/** A job of GNU parallel: the files it is named, a line of output each. */
import { workOn } from './work-on.ts'

const [root, ...paths] = process.argv.slice(2)
for (const path of paths) process.stdout.write(`${workOn(root!, path)}\n`)
