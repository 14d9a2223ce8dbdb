/**
 * Node's own HTTP, loaded by who uses it first.
 *
 * PERF: 15 MB, which a process that checks and does not talk to Docker or webhooks need not have; bench/pulse/memory.bench.ts.
 */
export function nodeHttp(): typeof import('node:http') {
  return process.getBuiltinModule('node:http')
}

/** As {@link nodeHttp}. */
export function nodeHttps(): typeof import('node:https') {
  return process.getBuiltinModule('node:https')
}
