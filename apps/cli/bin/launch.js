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

// A checkout has sources and needs no build: its packages resolve to their sources by an export condition, which only a fresh
// start of Node can set. The published package has no sources.
if (existsSync(source) && !hasCondition()) {
  restart()
} else {
  enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import((existsSync(source) ? source : built).href)
}

function hasCondition() {
  return /(^|\s)(--conditions|-C)[=\s]millrace-source(\s|$)/.test(
    `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`,
  )
}

function restart() {
  const argv = [condition, ...process.execArgv, fileURLToPath(source), ...process.argv.slice(2)]
  // Replacing the process keeps its pid, terminal and signals; where that is impossible (Windows) a child stands in for it.
  if (process.execve !== undefined && process.platform !== 'win32') {
    process.execve(process.execPath, [process.execPath, ...argv], process.env)
  }
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' })
  process.exitCode = status ?? 130
}
