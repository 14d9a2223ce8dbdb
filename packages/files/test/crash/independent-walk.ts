import { execFileSync } from 'node:child_process'

/**
 * The files below `root` that a job must deliver or quarantine, in byte order of their paths, found without a line of the engine: `find`
 * walks, and the rules are those that {@link plantTree} has broken, each in the plainest form.
 */
export function takenFiles(root: string): string[] {
  const prune = ['node_modules', 'ignored', '.?*'].flatMap((name, index) => [
    ...(index > 0 ? ['-o'] : []),
    '-name',
    name,
  ])
  const found = execFileSync(
    'find',
    [
      ...['.', '(', ...prune, ')', '-prune', '-o'],
      ...['-type', 'f', '(', '-name', '*.js', '-o', '-name', '*.ts', '-o', '-name', '*.json', ')'],
      ...['!', '-name', '*.log.js', '!', '-path', './top-secret.ts', '-print0'],
    ],
    { cwd: root, maxBuffer: 2 ** 30, env: { ...process.env, LC_ALL: 'C' } },
  )
  return found
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => path.slice('./'.length))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Whether the tally processor refuses the file. */
export function isBroken(path: string): boolean {
  return path.split('/').at(-1)!.startsWith('broken-')
}
