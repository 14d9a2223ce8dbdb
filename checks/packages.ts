import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from './build.ts'
import type { Outcome } from './check.ts'
import { pack } from './pack.ts'
import { problemsOf, runTool } from './run-tool.ts'

/** Builds and packs every public package, and lets publint and attw judge the tarballs. */
export async function packages(root: string): Promise<Outcome> {
  const problems = [...(await build(root))]
  if (problems.length > 0) return { summary: 'nothing packed', problems }
  const out = mkdtempSync(join(tmpdir(), 'millrace-packages-'))
  try {
    const tarballs = await pack(root, out)
    if (tarballs.length === 0) problems.push('No public package was found: nothing was judged.')
    for (const { path, workspace } of tarballs) {
      const name = basename(path)
      problems.push(...problemsOf(`publint ${name}`, await runTool('publint', ['run', path, '--strict'], root)))
      // A package that is only a command has no types that could be wrong; attw would fail it for having none.
      if (workspace.manifest.exports?.['.'] === undefined) continue
      // What is no module has no types either.
      const others = Object.keys(workspace.manifest.exports).filter((entry) => /\.(yml|css|html)$/.test(entry))
      const without = others.length === 0 ? [] : ['--exclude-entrypoints', ...others.map((entry) => entry.slice(2))]
      const args = [
        path,
        '--profile',
        'esm-only',
        '--no-definitely-typed',
        '--format',
        'ascii',
        '--no-emoji',
        ...without,
      ]
      const judged = await runTool('attw', args, root)
      problems.push(...problemsOf(`attw ${name}`, judged))
      // attw exits 0 on a package without any types.
      if (judged.output.includes('does not contain types')) problems.push(`attw ${name} found no types`)
    }
    return { summary: `${tarballs.length} tarballs`, problems }
  } catch (error) {
    return { summary: 'packing failed', problems: [error instanceof Error ? error.message : String(error)] }
  } finally {
    rmSync(out, { recursive: true })
  }
}
