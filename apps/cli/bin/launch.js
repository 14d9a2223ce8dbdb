import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/main.js', import.meta.url)
const source = new URL('../src/main.ts', import.meta.url)
const condition = '--conditions=millrace-source'

// Compiled code is kept where Node keeps it by default, for this process and for the workers it will start: they are up in half
// the time. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')

// What a job holds for a moment (a chunk of files, a worker's report) is garbage in the next. Left alone, V8 lets such garbage grow to a hundred MB
// a thread before it looks, and the allocator keeps an arena for each thread: together more than the job itself needs.
const lean = ['--min-semi-space-size=8', '--max-semi-space-size=8', '--heap-growing-percent=20']
const works = process.argv[2] === 'files' && ['run', 'resume'].includes(process.argv[3] ?? '')

// A checkout has sources and needs no build: its packages resolve to their sources by an export condition, which only a fresh
// start of Node can set. The published package has no sources.
const needs = []
if (existsSync(source) && !hasFlag(/(^|\s)(--conditions|-C)[=\s]millrace-source(\s|$)/)) needs.push(condition)
if (works && !hasFlag(/--m(ax|in)-semi-space-size/)) needs.push(...lean)
const canReplace = process.execve !== undefined && process.platform !== 'win32'
if (needs.includes(condition) || (needs.length > 0 && canReplace)) {
  restart(needs)
} else {
  enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import((existsSync(source) ? source : built).href)
}

function hasFlag(pattern) {
  return pattern.test(`${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`)
}

function restart(flags) {
  const main = fileURLToPath(existsSync(source) ? source : built)
  const argv = [...flags, ...process.execArgv, main, ...process.argv.slice(2)]
  // Read by glibc when a process starts; others do not know it.
  if (works) process.env.MALLOC_ARENA_MAX ??= '2'
  // Replacing the process keeps its pid, terminal and signals; where that is impossible (Windows) a child stands in for it.
  if (canReplace) process.execve(process.execPath, [process.execPath, ...argv], process.env)
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' })
  process.exitCode = status ?? 130
}
