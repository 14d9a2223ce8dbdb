/**
 * What the user of a tool has it do with each file: parse it with oxc. The same code in every tool, and it behaves as badly in each of
 * them where a file asks for it.
 */
const { appendFileSync } = require('node:fs')
const { parseSync } = require('oxc-parser')

exports.userCode = function userCode(path, text) {
  if (text.startsWith('// kill: loop')) for (;;);
  if (text.startsWith('// kill: exit')) process.exit(0)
  if (text.startsWith('// kill: memory')) for (const held = []; ; ) held.push(new Array(100_000).fill(held.length))
  const { program } = parseSync(path, text)
  // For tools that give no results back: a line a file that was seen to its end.
  if (process.env.MILLRACE_BENCH_LOG) appendFileSync(process.env.MILLRACE_BENCH_LOG, `${path}\n`)
  return { path, statements: program.body.length }
}
