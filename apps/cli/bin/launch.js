import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/main.js', import.meta.url)
const source = new URL('../src/main.ts', import.meta.url)
const condition = '--conditions=millrace-source'

// A checkout has sources and needs no build: its packages resolve to their sources by an export condition, which only a fresh
// start of Node can set. The published package has no sources.
if (!existsSync(source)) {
  await import(built.href)
} else if (hasCondition()) {
  await import(source.href)
} else {
  restart()
}

function hasCondition() {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)].includes(condition)
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
