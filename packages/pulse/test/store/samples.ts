import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { State } from '../../src/lifecycle/states.ts'
import type { StoreChanges, StoredMonitor } from '../../src/store/pulse-store.ts'

const NOTHING: StoreChanges = {
  ...{ monitors: [], forgotten: [], alerts: [], delivered: [], dead: [], redriven: [], beats: [] },
  heardUntil: undefined,
  lastNumber: 0,
}

export function changes(fields: Partial<StoreChanges>): StoreChanges {
  return { ...NOTHING, ...fields }
}

export function storedMonitor(fields: Partial<StoredMonitor> = {}): StoredMonitor {
  return {
    name: 'api',
    state: State.DOWN,
    flags: 3,
    generation: 4_000_000_000,
    said: 4_000_000_001,
    keptAt: 1_795_305_600_001.5,
    incidentAt: 1_795_305_600_000,
    incident: 1_795_305_600_007,
    neededAt: 1_795_305_600_000.125,
    interventionAt: 1_795_305_600_000.25,
    alertAt: 0,
    silencedUntil: 0,
    history: 2 ** 21 - 1,
    failures: 3,
    passes: 0,
    told: 1,
    reason: 'connection refused',
    ...fields,
  }
}

export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-pulse-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
