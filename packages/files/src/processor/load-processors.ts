import { readFileSync, statSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'
import { astJson } from './ast-json.ts'
import { closestName } from './closest-name.ts'
import { parseFast } from './parse-source.ts'
import { type Processor, processorFault } from './processor.ts'
import { syntax } from './syntax.ts'

const BUILT_IN: ReadonlyMap<string, Processor> = new Map<string, Processor>([
  [syntax.name, syntax as Processor],
  [astJson.name, astJson as Processor],
])

/**
 * Loads processors by name, in the order given.
 *
 * A specifier is a built-in processor's name (`syntax`, `ast-json`), a path against `base`, a `file:` URL, or a package that resolves
 * from `base`. The module exports the processor as its default or as `processor`; TypeScript runs as it is, its types stripped.
 * @param base Absolute path of the folder that relative paths and packages are looked up from.
 * @throws {MillraceError} `PROCESSOR_UNKNOWN` where nothing goes by the specifier, `PROCESSOR_LOAD_FAILED` where the module throws while
 * it loads or does not parse, `PROCESSOR_INVALID` where what it exports is no processor.
 */
export async function loadProcessors(specifiers: readonly string[], base: string): Promise<Processor[]> {
  const processors: Processor[] = []
  // One after the other, so that of several faults the first is told, every time the same.
  for (const specifier of specifiers) processors.push(BUILT_IN.get(specifier) ?? (await load(specifier, base)))
  return processors
}

/**
 * The first processor that takes the file, or undefined.
 * @throws {MillraceError} `PROCESSOR_FAILED` where a `match` throws.
 */
export function processorFor(processors: readonly Processor[], file: DiscoveredFile): Processor | undefined {
  for (const processor of processors) {
    try {
      if (processor.match(file)) return processor
    } catch (error) {
      throw new MillraceError(
        'PROCESSOR_FAILED',
        `The processor "${processor.name}" threw when asked whether it takes ${file.path}: ${firstLine(error)}. A match answers true or false.`,
        { detail: { processor: processor.name, path: file.path }, cause: error },
      )
    }
  }
  return undefined
}

async function load(specifier: string, base: string): Promise<Processor> {
  const url = locate(specifier, base)
  let module: { readonly default?: unknown; readonly processor?: unknown }
  try {
    module = await import(url)
  } catch (error) {
    throw loadFailed(specifier, url, error)
  }
  const candidate = module.processor ?? module.default
  const fault = processorFault(candidate)
  if (fault !== undefined) {
    throw new MillraceError(
      'PROCESSOR_INVALID',
      `What "${specifier}" exports is no processor: it ${fault}. Export defineProcessor({ name, version, match, process }) as default or as "processor".`,
      { detail: { specifier, url, exports: Object.keys(module) } },
    )
  }
  return candidate as Processor
}

/** The URL of the module, which exists. */
function locate(specifier: string, base: string): string {
  if (specifier.startsWith('file:')) {
    const path = fileURLToPath(specifier)
    return isFile(path) ? specifier : unknown(specifier, base)
  }
  // A file is taken before a package of the same name: `build/count.js` needs no `./` before it.
  const path = resolve(base, specifier)
  if (specifier !== '' && isFile(path)) return pathToFileURL(path).href
  if (isAbsolute(specifier) || specifier.startsWith('.') || specifier === '') return unknown(specifier, base)
  return locatePackage(specifier, base)
}

/** Resolves as an `import` in a module of the folder `base` would. */
function locatePackage(specifier: string, base: string): string {
  const parentURL = pathToFileURL(join(base, 'importer.js')).href
  const hooks = registerHooks({
    resolve: (asked, context, next) => next(asked, asked === specifier ? { ...context, parentURL } : context),
  })
  try {
    return import.meta.resolve(specifier)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return unknown(specifier, base)
    throw loadFailed(specifier, specifier, error)
  } finally {
    hooks.deregister()
  }
}

function unknown(specifier: string, base: string): never {
  const names = [...BUILT_IN.keys()]
  const near = closestName(specifier, names)
  throw new MillraceError(
    'PROCESSOR_UNKNOWN',
    `There is no processor "${specifier}": it is neither built in (${names.join(', ')}) nor a file or package found from ${base}.${
      near === undefined ? '' : ` Did you mean ${near}?`
    }`,
    { detail: { specifier, base, builtIn: names, ...(near === undefined ? {} : { near }) } },
  )
}

function loadFailed(specifier: string, url: string, error: unknown): MillraceError {
  const place = error instanceof SyntaxError ? syntaxErrorPlace(url) : undefined
  return new MillraceError(
    'PROCESSOR_LOAD_FAILED',
    `The processor "${specifier}" could not be loaded: ${firstLine(error)}${place === undefined ? '' : ` (${place})`}. Import it by hand to see more.`,
    { detail: { specifier, url, ...(place === undefined ? {} : { place }) }, cause: error },
  )
}

/** `file:line:column` of the first syntax error in the module: Node.js tells it only when the error ends the process. */
function syntaxErrorPlace(url: string): string | undefined {
  const path = fileURLToPath(url)
  const text = readFileSync(path, 'utf8')
  const start = parseFast(path, text, { sourceType: 'unambiguous' }).errors[0]?.labels[0]?.start
  if (start === undefined) return undefined
  const before = text.slice(0, start).split('\n')
  return `${path}:${before.length}:${before.at(-1)!.length + 1}`
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.split('\n', 1)[0]!.replace(/\.$/, '')
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
