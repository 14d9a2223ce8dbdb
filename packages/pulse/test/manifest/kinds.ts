import type { ChannelKind } from '../../src/alerts/channel.ts'
import type { CheckKind } from '../../src/checks/check.ts'
import type { InterventionKind } from '../../src/interventions/intervention.ts'
import type { ManifestOptions } from '../../src/manifest/read-manifest.ts'

const unused = (): never => {
  throw new Error('a manifest is only read')
}

/** As large as the real one of its name, and with a target. */
const http: CheckKind = {
  type: 'http',
  parse(fields) {
    const url = fields.string('url')
    if (url !== '' && !/^https?:\/\/[^/]/.test(url))
      fields.fault('url', `must begin with http:// or https://, not ${JSON.stringify(url)}`)
    const options = {
      method: fields.string('method', 'GET'),
      headers: fields.record('headers'),
      body: fields.string('body', ''),
      expectedStatus: fields.integers('expected_status', { min: 100, max: 599 }, [200]),
      isInsecure: fields.boolean('insecure_skip_verify', false),
    }
    fields.end()
    return { target: url, options }
  },
  hostOf: () => undefined,
  createProber: unused,
}

const tcp: CheckKind = {
  type: 'tcp',
  parse: (fields) => ({
    target: `${fields.string('host')}:${fields.integer('port', { min: 1, max: 65_535 })}`,
    options: {},
  }),
  hostOf: () => undefined,
  createProber: unused,
}

const docker: InterventionKind = {
  type: 'docker',
  parse: (fields) => ({
    container: fields.string('container'),
    timeoutMs: fields.durationMs('timeout', { min: 0 }, 10_000),
  }),
  run: unused,
}

const log: ChannelKind = {
  type: 'log',
  parse: (fields) => ({ file: fields.string('file') }),
  open: unused,
}

const webhook: ChannelKind = {
  type: 'webhook',
  parse: (fields) => ({ url: fields.string('url'), headers: fields.record('headers') }),
  open: unused,
}

/** Kinds like those that come along, with nothing behind them. */
const byType = <Kind extends { readonly type: string }>(...kinds: Kind[]) =>
  new Map(kinds.map((kind) => [kind.type, kind]))

export const KINDS: ManifestOptions = {
  kinds: {
    checks: byType<CheckKind>(http, tcp),
    interventions: byType<InterventionKind>(docker),
    channels: byType<ChannelKind>(log, webhook),
  },
}
