import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PolygonCutter } from '../../../src/geometry/polygon-cutter.ts'
import type { FragmentPacker } from '../../../src/result/fragment-packer.ts'
import { CaseCutter } from '../cut-case.ts'

/** One place of the source, and what stands there in the mutant. */
export interface Patch {
  /** Below `src`. */
  readonly file: string
  readonly find: RegExp
  readonly instead: string
  readonly also?: Patch
}

const source = join(import.meta.dirname, '../../../src')
const require = createRequire(import.meta.url)

/** A cutter made of a copy of the sources, in which one place is another. */
export async function patchedCutter(patch?: Patch): Promise<CaseCutter> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-mutant-'))
  try {
    for (const part of ['geometry', 'result', 'polygon'])
      cpSync(join(source, part), join(folder, part), { recursive: true })
    if (patch !== undefined) apply(patch, folder)
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts')) resolvePackages(join(folder, name))
    }
    const load = (name: string) => import(pathToFileURL(join(folder, name)).href)
    const cutters: { PolygonCutter: typeof PolygonCutter } = await load('geometry/polygon-cutter.ts')
    const packers: { FragmentPacker: typeof FragmentPacker } = await load('result/fragment-packer.ts')
    return new CaseCutter(new cutters.PolygonCutter(), new packers.FragmentPacker())
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function apply({ file, find, instead, also }: Patch, folder: string): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  const patched = text.replace(find, instead)
  if (patched === text) throw new Error(`${file} has no ${find} any more: the mutant needs another place`)
  writeFileSync(path, patched)
  if (also !== undefined) apply(also, folder)
}

/** From where the copy lies, no package would be found by its name. */
function resolvePackages(path: string): void {
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(/(?<=from ')[^.'][^']*(?=')/g, (name) => pathToFileURL(require.resolve(name)).href),
  )
}
