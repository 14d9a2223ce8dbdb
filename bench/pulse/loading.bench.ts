import { mkdtempDisposable, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst } from '../harness/row.ts'
import { inProcess } from './in-process.ts'
import type { LoadingOutcome } from './loading-run.ts'
import { type ManifestForm, writeManifest } from './manifest-file.ts'

const MONITORS = 1_000_000
const QUICK_MONITORS = 100_000
/** For a million. */
const MOST_S: Record<ManifestForm, number> = { ndjson: 10, yaml: 30 }

/** How long does it take until the monitors of a file are in the engine, each looked at for faults? A new process each time. */
export default async function loading(bench: Bench): Promise<void> {
  const monitors = bench.quick ? QUICK_MONITORS : MONITORS
  await using folder = await mkdtempDisposable(join(tmpdir(), 'millrace-bench-pulse-'))
  const forms: ManifestForm[] = ['ndjson', 'yaml']
  const paths = forms.map((form) => join(folder.path, `monitors.${form}`))
  for (const [at, form] of forms.entries()) {
    await writeManifest(paths[at]!, {
      form,
      monitors,
      intervalMs: 120_000,
      nameOf: (monitor) => `service-${monitor}`,
      urlOf: (monitor) => `http://10.${monitor >> 16}.${(monitor >> 8) & 255}.${monitor & 255}:8080/health`,
    })
  }
  const found: LoadingOutcome[][] = forms.map(() => [])
  for (let round = 0; round < 3; round++) {
    for (const [at, path] of paths.entries()) {
      found[at]!.push(await inProcess<LoadingOutcome>('./loading-run.ts', { path, monitors }))
    }
  }
  const lines: string[] = []
  for (const [at, form] of forms.entries()) {
    const of = (what: keyof LoadingOutcome) => found[at]!.map((outcome) => outcome[what])
    const mostS = (MOST_S[form] * monitors) / MONITORS
    bench.report([rowAgainst(`loading/${monitors}-monitors-from-${form}`, 's', of('loadS'), mostS)])
    const { size } = await stat(paths[at]!)
    lines.push(
      `| ${[form, (size / 1e6).toFixed(0), median(of('loadS')).toFixed(2), median(of('readS')).toFixed(2), median(of('peakMb')).toFixed(0)].join(' | ')} |`,
    )
  }
  bench.tell(
    [
      `${monitors.toLocaleString('en-US')} monitors:`,
      '',
      '| form | file, MB | loaded, s | only read, s | most memory, MB |',
      '| --- | --- | --- | --- | --- |',
      ...lines,
    ].join('\n'),
  )
}
