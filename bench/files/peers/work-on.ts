/** One file through the work that our workers do, for pools that take a function; `MILLRACE_BENCH_USER_CODE` has it run the common user code. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { works } from '../work.ts'

const { userCode } = createRequire(import.meta.url)('./user-code.cjs') as {
  userCode(path: string, text: string): { path: string; statements: number }
}

export function workOn(root: string, path: string): string {
  if (process.env.MILLRACE_BENCH_USER_CODE)
    return JSON.stringify(userCode(path, readFileSync(`${root}/${path}`, 'utf8')))
  return works.record(root, { path, size: 0, mtimeMs: 0, stamp: '', language: 'javascript', kind: 'source' })
}
