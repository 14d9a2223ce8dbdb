import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/kernel/errors'

/**
 * Loads an optional peer, when it is first needed: one installed with this package, or else beside the project in the current folder.
 * @param load Imports it: `() => import('gpt-tokenizer')`, so that types and bundlers know.
 * @throws {MillraceError} `PEER_MISSING` naming the package, what wants it, and the command that installs it.
 */
export async function loadPeer<M>(name: string, wantedBy: string, load: () => Promise<M>): Promise<M> {
  try {
    return await load()
  } catch (cause) {
    try {
      return await fromCurrentFolder(name, load)
    } catch {
      throw missing(name, wantedBy, cause)
    }
  }
}

/** Imports with `load` what is not found from here as a module in the current folder would. */
async function fromCurrentFolder<M>(name: string, load: () => Promise<M>): Promise<M> {
  const parentURL = pathToFileURL(join(process.cwd(), 'importer.js')).href
  const hooks = registerHooks({
    resolve: (asked, context, next) => {
      if (asked !== name && !asked.startsWith(`${name}/`)) return next(asked, context)
      try {
        return next(asked, context)
      } catch {
        return next(asked, { ...context, parentURL })
      }
    },
  })
  try {
    return await load()
  } finally {
    hooks.deregister()
  }
}

function missing(name: string, wantedBy: string, cause: unknown): MillraceError {
  const command = `npm install ${isInstalledForAll(fileURLToPath(import.meta.url)) ? '-g ' : ''}${name}`
  return new MillraceError(
    'PEER_MISSING',
    `${wantedBy} needs the package ${name}, which could not be loaded. Install it: ${command}`,
    { detail: { package: name, command }, cause },
  )
}

/** Whether the package with this file was installed by `npm install -g`: the outermost `node_modules` that it is in belongs to no project. */
export function isInstalledForAll(file: string): boolean {
  const [outside, inside] = file.split(`${sep}node_modules${sep}`, 2)
  return inside !== undefined && !existsSync(join(outside!, 'package.json'))
}
