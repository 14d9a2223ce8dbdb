import { readFileSync, statSync } from 'node:fs'
import { type ResolveHookSync, registerHooks } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'
import { BUILT_IN } from './built-in.ts'
import { closestName } from './closest-name.ts'
import { parseFast } from './parse-source.ts'
import { type Processor, processorFault } from './processor.ts'
import { chain, type Transform, transformFault } from './transform.ts'

/** What a specifier may name. */
interface Kind {
  readonly noun: 'processor' | 'transform'
  readonly define: string
  /** Of an object, what keeps it from being one. */
  readonly fault: (value: unknown) => string | undefined
}

const PROCESSOR: Kind = {
  noun: 'processor',
  define: 'defineProcessor({ name, version, match, process })',
  fault: processorFault,
}
const TRANSFORM: Kind = {
  noun: 'transform',
  define: 'defineTransform({ name, version, transform })',
  fault: transformFault,
}

/**
 * Loads processors by name, in the order given.
 *
 * A specifier is a built-in processor's name, with what it is to know behind a colon (`syntax`, `chunks:maxTokens=256`, `command:wc -l {}`), a path against
 * `base`, a `file:` URL, or a package that resolves from `base`. The module exports the processor as its default or as `processor`; TypeScript runs
 * as it is, its types stripped. Behind ` | ` come transforms, which have no built-in ones: `syntax | ./sizes.ts`.
 * @param base Absolute path of the folder that relative paths and packages are looked up from.
 * @throws {MillraceError} `PROCESSOR_UNKNOWN` where nothing goes by the specifier, `PROCESSOR_LOAD_FAILED` where the module throws while
 * it loads or does not parse, `PROCESSOR_INVALID` where what it exports is no processor; the same of transforms; and `PROCESSOR_ARGUMENT` where a built-in one cannot use what it is told, `PEER_MISSING` where it needs a package that is not there.
 */
export async function loadProcessors(specifiers: readonly string[], base: string): Promise<Processor[]> {
  const processors: Processor[] = []
  // One after the other, so that of several faults the first is told, every time the same.
  for (const specifier of specifiers) {
    const [first = '', ...rest] = specifier.split(' | ').map((part) => part.trim())
    const processor = (await builtIn(first)) ?? ((await load(first, base, PROCESSOR)) as Processor)
    const transforms: Transform[] = []
    for (const each of rest) transforms.push((await load(each, base, TRANSFORM)) as Transform)
    processors.push(chain(processor, transforms))
  }
  return processors
}

function builtIn(specifier: string): Processor | Promise<Processor> | undefined {
  const colon = specifier.indexOf(':')
  const [name, argument] = colon < 0 ? [specifier, ''] : [specifier.slice(0, colon), specifier.slice(colon + 1)]
  return BUILT_IN.get(name)?.(argument.trim())
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

async function load(specifier: string, base: string, kind: Kind): Promise<unknown> {
  const url = locate(specifier, base, kind)
  let module: Readonly<Record<string, unknown>>
  const hooks = registerHooks({ resolve: resolveOurselves })
  try {
    module = await import(url)
  } catch (error) {
    throw loadFailed(specifier, url, error, kind)
  } finally {
    hooks.deregister()
  }
  const candidate = module[kind.noun] ?? module.default
  const fault = kind.fault(candidate)
  if (fault !== undefined) {
    throw new MillraceError(
      'PROCESSOR_INVALID',
      `What "${specifier}" exports is no ${kind.noun}: it ${fault}. Export ${kind.define} as default or as "${kind.noun}".`,
      { detail: { specifier, url, exports: Object.keys(module) } },
    )
  }
  return candidate
}

/** Where a module finds no `@millrace/files` of its own, as beside a `millrace` that is installed globally, it has this one. */
const resolveOurselves: ResolveHookSync = (asked, context, next) => {
  try {
    return next(asked, context)
  } catch (error) {
    if (!/^@millrace\/files(?:\/|$)/.test(asked) || !isNotFound(error)) throw error
    return next(asked, { ...context, parentURL: import.meta.url })
  }
}

function isNotFound(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'
}

/** The URL of the module, which exists. */
function locate(specifier: string, base: string, kind: Kind): string {
  if (specifier.startsWith('file:')) {
    const path = fileURLToPath(specifier)
    return isFile(path) ? specifier : unknown(specifier, base, kind)
  }
  // A file is taken before a package of the same name: `build/count.js` needs no `./` before it.
  const path = resolve(base, specifier)
  if (specifier !== '' && isFile(path)) return pathToFileURL(path).href
  if (isAbsolute(specifier) || specifier.startsWith('.') || specifier === '') {
    return unknown(specifier, base, kind)
  }
  return locatePackage(specifier, base, kind)
}

/** Resolves as an `import` in a module of the folder `base` would. */
function locatePackage(specifier: string, base: string, kind: Kind): string {
  const parentURL = pathToFileURL(join(base, 'importer.js')).href
  const hooks = registerHooks({
    resolve: (asked, context, next) => next(asked, asked === specifier ? { ...context, parentURL } : context),
  })
  try {
    return import.meta.resolve(specifier)
  } catch (error) {
    if (isNotFound(error)) return unknown(specifier, base, kind)
    throw loadFailed(specifier, specifier, error, kind)
  } finally {
    hooks.deregister()
  }
}

function unknown(specifier: string, base: string, { noun }: Kind): never {
  const names = noun === 'processor' ? [...BUILT_IN.keys()] : []
  const near = closestName(specifier, names)
  const builtIn = names.length === 0 ? '' : `neither built in (${names.join(', ')}) nor `
  throw new MillraceError(
    'PROCESSOR_UNKNOWN',
    `There is no ${noun} "${specifier}": it is ${builtIn === '' ? 'no' : `${builtIn}a`} file or package found from ${base}.${
      near === undefined ? '' : ` Did you mean ${near}?`
    }`,
    { detail: { specifier, base, builtIn: names, ...(near === undefined ? {} : { near }) } },
  )
}

function loadFailed(specifier: string, url: string, error: unknown, { noun }: Kind): MillraceError {
  const place = error instanceof SyntaxError ? syntaxErrorPlace(url) : undefined
  const lacking = isNotFound(error) ? /^Cannot find package '(.+?)'/.exec((error as Error).message)?.[1] : undefined
  const help = lacking === undefined ? 'Import it by hand to see more.' : `Install it there: npm install ${lacking}`
  return new MillraceError(
    'PROCESSOR_LOAD_FAILED',
    `The ${noun} "${specifier}" could not be loaded: ${firstLine(error)}${place === undefined ? '' : ` (${place})`}. ${help}`,
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
