import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

export type ManifestForm = 'ndjson' | 'yaml'

export interface ManifestPlan {
  readonly form: ManifestForm
  readonly monitors: number
  readonly intervalMs: number
  readonly nameOf: (monitor: number) => string
  readonly urlOf: (monitor: number) => string
}

const PIECE = 10_000
const GROUPS = {
  endpoints: { 'ops-log': { type: 'log', config: { file: 'alerts.jsonl' } } },
  notification_groups: { operators: ['ops-log'] },
}
const HEADS: Record<ManifestForm, string> = {
  ndjson: `${JSON.stringify(GROUPS)}\n`,
  yaml: `${Object.entries(GROUPS)
    .map(([field, value]) => `${field}: ${JSON.stringify(value)}\n`)
    .join('')}monitors:\n`,
}

/** Writes a manifest as a program would that knows an inventory: about 250 bytes a monitor. */
export async function writeManifest(path: string, plan: ManifestPlan): Promise<void> {
  const file = createWriteStream(path)
  file.write(HEADS[plan.form])
  for (let from = 0; from < plan.monitors; from += PIECE) {
    const count = Math.min(PIECE, plan.monitors - from)
    const text = Array.from({ length: count }, (_, at) => TEXTS[plan.form](from + at, plan)).join('')
    if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', resolve))
  }
  file.end()
  await finished(file)
}

const TEXTS: Record<ManifestForm, (monitor: number, plan: ManifestPlan) => string> = {
  ndjson: (monitor, { intervalMs, nameOf, urlOf }) =>
    `${JSON.stringify({
      name: nameOf(monitor),
      tags: ['prod'],
      pulse_check: {
        type: 'http',
        interval: `${intervalMs / 1000}s`,
        timeout: '5s',
        config: { url: urlOf(monitor), expected_status: [204] },
      },
      codes: { red: { dispatch: true, notify_group: 'operators' } },
    })}\n`,
  yaml: (monitor, { intervalMs, nameOf, urlOf }) => `  - name: ${nameOf(monitor)}
    tags: [prod]
    pulse_check:
      type: http
      interval: ${intervalMs / 1000}s
      timeout: 5s
      config: { url: ${JSON.stringify(urlOf(monitor))}, expected_status: [204] }
    codes: { red: { dispatch: true, notify_group: operators } }
`,
}
