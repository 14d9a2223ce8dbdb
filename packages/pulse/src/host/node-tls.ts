/**
 * Node's TLS, loaded by who uses it first.
 *
 * PERF: 5 MB, which a process that checks nothing over TLS need not have; bench/pulse/memory.bench.ts.
 */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls')
}
