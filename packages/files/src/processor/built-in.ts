import { MillraceError } from '@millrace/kernel/errors'
import { astJson } from './ast-json.ts'
import type { Processor } from './processor.ts'
import { syntax } from './syntax.ts'

/** Makes a built-in processor of what stands behind the colon of its specifier; an empty text where nothing does. */
type Make = (argument: string) => Processor | Promise<Processor>

const plain =
  (processor: Processor): Make =>
  (argument) => {
    if (argument === '') return processor
    throw new MillraceError(
      'PROCESSOR_ARGUMENT',
      `The processor ${processor.name} takes nothing behind a colon, got "${argument}". Leave it out.`,
      { detail: { processor: processor.name, argument } },
    )
  }

/** The built-in processors by name. Those that few need are loaded when they are named. */
export const BUILT_IN: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['syntax', plain(syntax as Processor)],
  ['ast-json', plain(astJson as Processor)],
  ['chunks', async (argument) => (await import('./chunks/chunks.ts')).chunksOf(argument)],
  ['duplicates', async (argument) => (await import('./duplicates/duplicates.ts')).duplicatesOf(argument)],
  ['licenses', async (argument) => plain((await import('./licenses/licenses.ts')).licenses as Processor)(argument)],
  ['command', async (argument) => (await import('./command/command.ts')).commandOf(argument)],
])
