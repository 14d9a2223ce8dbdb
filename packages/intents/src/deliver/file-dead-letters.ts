import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'

/** Where {@link createFileDeadLetters} keeps them. */
export interface FileDeadLettersOptions {
  /** A file of JSON lines, one letter a line. It and its folder are made with the first letter. */
  readonly file: string
}

/**
 * Keeps dead letters in a file of JSON lines, which people and tools can read.
 *
 * What was added is on disk when `add` resolves. `list` and `remove` are O(letters); a line that a crash has torn is passed over. For one process
 * at a time.
 * @throws {MillraceError} `OPTION_INVALID`; its methods reject with `DEAD_LETTERS_UNUSABLE`.
 */
export function createFileDeadLetters({ file }: FileDeadLettersOptions): DeadLetters {
  if (typeof file !== 'string' || file === '') {
    throw new MillraceError('OPTION_INVALID', 'createFileDeadLetters: file must be a path', {
      detail: { owner: 'createFileDeadLetters', option: 'file', value: file },
    })
  }
  /** Everything is done one after the other. */
  let last: Promise<unknown> = Promise.resolve()
  const next = <T>(what: () => Promise<T>): Promise<T> => {
    const done = last.then(what).catch((cause) => {
      throw unusable(file, cause)
    })
    last = done.catch(() => {})
    return done
  }

  return {
    add: (letters) =>
      next(async () => {
        if (letters.length === 0) return
        await mkdir(dirname(file), { recursive: true })
        // A line begins behind the end of one that was torn.
        await write(file, 'a+', letters.map((letter) => lineOf({ id: randomUUID(), ...letter })).join(''))
      }),
    list: (limit) => next(async () => (await lettersIn(file)).slice(0, limit)),
    remove: (ids) =>
      next(async () => {
        if (ids.length === 0) return
        const gone = new Set(ids)
        const letters = await lettersIn(file)
        const left = letters.filter(({ id }) => !gone.has(id))
        if (left.length === letters.length) return
        await write(`${file}.new`, 'w', left.map(lineOf).join(''))
        await rename(`${file}.new`, file)
        await sync(dirname(file))
      }),
  }
}

function lineOf(letter: DeadLetter): string {
  // A bigint is a string in JSON; every column of integers takes it.
  return `${JSON.stringify(letter, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\n`
}

async function lettersIn(file: string): Promise<DeadLetter[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as DeadLetter]
    } catch {
      return []
    }
  })
}

async function write(file: string, flags: 'a+' | 'w', text: string): Promise<void> {
  await using handle = await open(file, flags)
  const { size } = await handle.stat()
  const isTorn = flags === 'a+' && size > 0 && (await lastByte(handle, size)) !== 10
  await handle.writeFile(isTorn ? `\n${text}` : text)
  await handle.sync()
}

async function lastByte(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<number> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0]!
}

async function sync(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

function unusable(file: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError(
    'DEAD_LETTERS_UNUSABLE',
    `Dead letters cannot be kept in ${file}: ${reason}; see that it is a file that may be written`,
    { detail: { file }, cause },
  )
}
