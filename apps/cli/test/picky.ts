/**
 * A processor for tests, as a module's source: takes text files and does as they say. `bad` fails until there is a file `cured` in the current
 * directory; `held` waits until there is a file `go`; `slow` takes its time; `stuck` never ends; `poison` kills its process.
 */
export const PICKY = `
import { existsSync } from 'node:fs'
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export default {
  name: 'picky',
  version: '1',
  match: (file) => file.path.endsWith('.txt'),
  async process(input) {
    const text = input.text()
    if (text.includes('bad') && !existsSync('cured')) throw new Error('this file says it is bad')
    if (text.includes('poison') && !existsSync('cured')) {
      console.error('these are my last words')
      process.kill(process.pid, 'SIGSEGV')
      await sleep(600_000)
    }
    while (text.includes('held') && !existsSync('go')) await sleep(20)
    if (text.includes('slow')) await sleep(150)
    if (text.includes('stuck')) await sleep(600_000)
    return { length: text.length }
  },
}
`
