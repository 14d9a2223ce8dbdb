import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'
import { pack } from './pack.ts'
import { repository, runTool } from './run-tool.ts'

/**
 * Publishes every public package whose version the registry does not have, dependencies first. `--dry-run` packs and says what it would
 * publish, without asking the registry.
 */
async function release(dryRun: boolean): Promise<void> {
  const problems = await build(repository)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const out = mkdtempSync(join(tmpdir(), 'millrace-release-'))
  try {
    for (const { path, workspace } of await pack(repository, out)) {
      const id = `${workspace.manifest.name}@${workspace.manifest.version}`
      if (dryRun) console.log(`would publish ${id}`)
      else if (await isPublished(id)) console.log(`${id} is published already`)
      else await publish(id, path)
    }
  } finally {
    rmSync(out, { recursive: true })
  }
}

async function isPublished(id: string): Promise<boolean> {
  const { code, output } = await runTool('npm', ['view', id, 'version', '--json'], repository)
  if (code === 0) return output.trim() !== ''
  if (output.includes('E404')) return false
  throw new Error(`npm view ${id} exited ${code}\n${output}`)
}

async function publish(id: string, path: string): Promise<void> {
  const { code, output } = await runTool('npm', ['publish', path, '--access', 'public'], repository)
  if (code !== 0) throw new Error(`npm publish of ${id} exited ${code}\n${output}`)
  console.log(`published ${id}`)
}

await release(process.argv.includes('--dry-run'))
