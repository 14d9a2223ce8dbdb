import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of programs that are shell scripts; `$LOG` in them is a file that {@link FakePrograms.log} reads. */
export class FakePrograms implements AsyncDisposable {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async create(scripts: Readonly<Record<string, string>>): Promise<FakePrograms> {
    const fake = new FakePrograms(await mkdtemp(join(tmpdir(), 'millrace-programs-')))
    for (const [name, script] of Object.entries(scripts)) await fake.add(name, script)
    return fake
  }

  async add(name: string, script: string): Promise<string> {
    const path = join(this.folder, name)
    await writeFile(path, `#!/bin/sh\nLOG='${join(this.folder, 'log')}'\n${script}\n`)
    await chmod(path, 0o755)
    return path
  }

  /** In its folder, and where the shell finds what scripts call. */
  get searchPath(): string {
    return `${this.folder}:/usr/bin:/bin`
  }

  /** The lines that scripts wrote. */
  async log(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'log'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

/** Whether a process, by number, still runs: not one that is dead, and that nobody has asked for its end. */
export function isAlive(pid: number): boolean {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
  return status === 0 && !stdout.toString().startsWith('Z')
}
