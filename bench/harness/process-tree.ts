import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that it started, directly or not. Linux only. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)]
}

/**
 * Memory that a process and all it started hold together, bytes: each page once, shared ones by their share (PSS). Linux only.
 * 0 for what has ended meanwhile.
 */
export function pssOfTree(pid: number): number {
  let bytes = 0
  for (const member of processTree(pid)) bytes += pssOf(member)
  return bytes
}

/** One process's share, bytes. */
function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

function childrenOf(pid: number): number[] {
  const children: number[] = []
  for (const thread of threadsOf(pid)) {
    for (const child of read(`/proc/${pid}/task/${thread}/children`).split(' '))
      if (child !== '') children.push(Number(child))
  }
  return children
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
