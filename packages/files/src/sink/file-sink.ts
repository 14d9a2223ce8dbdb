import { MillraceError } from '@millrace/kernel/errors'
import { BesideFile, type SinkFs } from './beside-file.ts'
import { checkOut } from './check-out.ts'
import type { FileEncoder } from './file-encoder.ts'
import { defineSink, type Sink, type SinkTarget, type SinkWriter } from './sink.ts'
import { streamWriter } from './standard-output.ts'
import { STANDARD_OUTPUT, targetBesideFiles } from './target.ts'

/** A form of file. */
export interface FileFormat {
  readonly name: string
  readonly extension: string
  createEncoder(target: SinkTarget): FileEncoder | Promise<FileEncoder>
}

/**
 * A sink that writes one file, by way of a {@link BesideFile}, or standard output where the target is `-`.
 * @param fs Another file system: one that fails where a test wants it to.
 * @throws {MillraceError} `OUT_UNWRITABLE` on opening, `OUT_WRITE_FAILED` while writing.
 */
export function fileSink({ name, extension, createEncoder }: FileFormat, fs?: SinkFs): Sink {
  return defineSink({
    name,
    extension,
    target: (out) => targetBesideFiles(name, out, true),
    check: async (out) => {
      if (out !== STANDARD_OUTPUT) await checkOut(out)
    },
    open: async (target) => {
      const encoder = await createEncoder(target)
      if (target.out === STANDARD_OUTPUT) return streamWriter(encoder, process.stdout)
      return fileWriter(await BesideFile.begin(target, fs), encoder)
    },
  })
}

function fileWriter(beside: BesideFile, encoder: FileEncoder): SinkWriter {
  const append = async (bytes: Uint8Array | string) => {
    if (bytes.length > 0) await beside.file.writeFile(bytes)
  }
  return {
    write: (rows) => writing(beside.path, () => append(encoder.write(rows))),
    commit: () =>
      writing(beside.path, async () => {
        await append(encoder.end())
        await beside.putInPlace()
      }),
    abort: () => beside.discard(),
  }
}

/**
 * Does a step of writing to `path`.
 * @throws {MillraceError} `OUT_WRITE_FAILED`, whatever failed.
 */
export async function writing(path: string, step: () => Promise<void> | void): Promise<void> {
  try {
    await step()
  } catch (error) {
    throw new MillraceError(
      'OUT_WRITE_FAILED',
      `The output ${path} could not be written (${(error as Error).message}). The results are safe in the ledger; make room, or name another place with --out FILE, and export again.`,
      { detail: { out: path, reason: (error as NodeJS.ErrnoException).code }, cause: error },
    )
  }
}
