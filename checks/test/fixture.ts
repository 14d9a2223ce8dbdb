import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { repository } from '../run-tool.ts'

/** The folder of a committed fixture, to be read only. */
export function fixture(name: string): string {
  return join(repository, 'checks/fixtures', name)
}

/** A copy of a fixture outside the repository, gone when the test ends: for checks that write or that look at the folders above. */
export function copyOfFixture(name: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-fixture-'))
  onTestFinished(() => rmSync(copy, { recursive: true }))
  cpSync(fixture(name), copy, { recursive: true })
  return copy
}
