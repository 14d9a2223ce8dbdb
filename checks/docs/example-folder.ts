import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { problemsOf, repository, runTool } from '../run-tool.ts'
import type { CodeBlock } from './code-blocks.ts'

/**
 * A folder outside the repository in which the examples of the documents run: it holds a small tree `src/` for them to work
 * on, and finds the repository's packages by name.
 */
export class ExampleFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-examples-'))

  constructor() {
    symlinkSync(join(repository, 'node_modules'), join(this.path, 'node_modules'), 'junction')
    cpSync(join(repository, 'checks/fixtures/examples/src'), join(this.path, 'src'), { recursive: true })
    writeFileSync(join(this.path, 'package.json'), '{ "type": "module" }\n')
  }

  /** Type-checks the blocks, strictly, and returns what is wrong under the place of each block. */
  async typeCheck(blocks: readonly CodeBlock[]): Promise<readonly string[]> {
    if (blocks.length === 0) return []
    const config = {
      extends: join(repository, 'tsconfig.base.json'),
      compilerOptions: { lib: ['ES2024', 'ESNext.Disposable'], types: ['node'], noUnusedLocals: false },
      files: blocks.map((block) => this.#write(block)),
    }
    writeFileSync(join(this.path, 'tsconfig.json'), JSON.stringify(config))
    return problemsOf('tsc', await runTool('tsc', ['-p', '.'], this.path))
  }

  /** Runs blocks one after the other in one process, each to its end, and returns what is wrong. */
  async run(blocks: readonly CodeBlock[]): Promise<readonly string[]> {
    const files = blocks.map((block) => ({ place: block.place, file: `./${this.#write(block)}` }))
    const main = `for (const { place, file } of ${JSON.stringify(files)}) {
  await import(file).catch((error) => {
    console.error(place, error)
    process.exitCode = 1
  })
}
`
    const name = `run-${nameOf(blocks.map(({ place }) => place).join(' ')).slice(0, 100)}.ts`
    writeFileSync(join(this.path, name), main)
    const places = blocks.map(({ place }) => place).join(', ')
    return problemsOf(places, await runTool('node', ['--conditions=millrace-source', name], this.path))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true })
  }

  #write({ place, code }: CodeBlock): string {
    const name = `${nameOf(place)}.ts`
    // Without an import or export a file would be a script, and its names would clash with other blocks'.
    writeFileSync(join(this.path, name), `${code}\nexport {}\n`)
    return name
  }
}

function nameOf(place: string): string {
  return place.replaceAll(/[^A-Za-z0-9]+/g, '-')
}
