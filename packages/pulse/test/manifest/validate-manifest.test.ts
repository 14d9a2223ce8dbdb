import { describe, expect, it } from 'vitest'
import { validateManifest } from '../../src/manifest/validate-manifest.ts'
import { KINDS } from './kinds.ts'

describe('validateManifest', () => {
  it('says what a manifest comes to, whatever is wrong with some of it', async () => {
    const text = `monitors:
  - { name: a, pulse_check: { type: http, interval: 10s, timeout: 1s, config: { url: http://a/ } } }
  - { name: b, pulse_check: { type: http, interval: 10s, timeout: 1s, config: { url: http://b/ } }, codes: { red: { notify: log, config: { file: x } } } }
  - { name: c, pulse_check: { type: tcp, interval: 1s, timeout: 500ms, config: { host: h, port: 1 } }, intervention: { action: docker, target: { container: c } } }
  - { name: d, enabled: false, pulse_check: { type: tcp, interval: 1s, config: { host: h, port: 1 } } }
  - { name: e }
`
    const { faults, ...report } = await validateManifest([new TextEncoder().encode(text)], KINDS)
    expect(report).toEqual({
      monitors: 4,
      disabled: 1,
      untold: 2,
      byCheck: { http: 2, tcp: 2 },
      byIntervention: { docker: 1 },
      profiles: 4,
      checksPerSecond: 1.2,
      maxUnderWay: 1,
      memoryBytes: 4 * 300 + 4 + 9 + 9 + 3 + 3 + 4 * 2048,
    })
    expect([faults.faults, faults.warnings]).toEqual([2, 0])
  })
})
