import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { everything } from './corpus.ts'

/** A folder of the first so many icon modules, outside of any `node_modules`, where tools would not look; made anew. */
export function iconFolder(name: string, count: number): string {
  const root = join(tmpdir(), 'millrace-bench-trees', name)
  const icons = `${everything}/@mui/icons-material`
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  const modules = readdirSync(icons).filter((file) => file.endsWith('.js') && file !== 'index.js')
  for (const file of modules.slice(0, count)) cpSync(join(icons, file), join(root, file))
  return root
}
