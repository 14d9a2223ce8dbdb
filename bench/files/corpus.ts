import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type DiscoveredFile, type DiscoverOptions, discoverFiles } from '@millrace/files'
import { syntax } from '../../packages/files/src/processor/syntax.ts'

/** A tree of real files, and which of them a job is over. */
export interface Corpus {
  readonly root: string
  readonly discover: Omit<DiscoverOptions, 'signal'>
}

/** What bench/package.json pins: 50,000 files. */
export const everything = fileURLToPath(new URL('../node_modules', import.meta.url))

/** The packages that are there to be read; the others are peers. */
const CORPORA = ['@mui', 'lodash', 'three', 'typescript']

/**
 * Half of the icons and all of the others: 24,000 files from 100 bytes to 9 MB. When quick, 2,400 files: no icons, no
 * TypeScript, no examples.
 */
export function corpusOf(quick: boolean): Corpus {
  const peers = readdirSync(everything)
    .filter((name) => !CORPORA.includes(name))
    .map((name) => `/${name}`)
  return {
    root: everything,
    discover: {
      exclude: [...peers, ...(quick ? ['/@mui', '/typescript', 'three/examples'] : ['@mui/icons-material/esm'])],
    },
  }
}

/** The files that the `syntax` processor takes, in the order of discovery. */
export async function filesOf({ root, discover }: Corpus): Promise<DiscoveredFile[]> {
  const files: DiscoveredFile[] = []
  for await (const file of discoverFiles(root, discover)) if (syntax.match(file)) files.push(file)
  return files
}
