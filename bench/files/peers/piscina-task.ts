/** A piscina thread's task: some files, and back with their records. */
import { workOn } from './work-on.ts'

export default ({ root, paths }: { root: string; paths: string[] }): string[] => paths.map((path) => workOn(root, path))
