import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/**
 * The package for times of maintenance, loaded by who uses it first.
 *
 * PERF: a MB or two each, which a process that needs none of them need not have; bench/pulse/memory.bench.ts.
 */
export function croner(): typeof import('croner') {
  return load('croner') as typeof import('croner')
}

/** As {@link croner}, for patterns. */
export function re2js(): typeof import('re2js') {
  return load('re2js') as typeof import('re2js')
}

/** As {@link croner}, for paths into JSON. */
export function jsonPathParser(): typeof import('jsonpath-rfc9535/parser') {
  return load('jsonpath-rfc9535/parser') as typeof import('jsonpath-rfc9535/parser')
}
