import { createLogUpdate } from 'log-update'

/** Where progress, notes and logs meet, so that none of them breaks another. */
export interface Screen {
  /** Prints a line that stays, above what is drawn. */
  note(line: string): void
  /** Puts these lines in place of those drawn before. Does nothing where the stream is no terminal. */
  draw(lines: readonly string[]): void
  /** Takes away what is drawn and gives the cursor back. Idempotent. */
  close(): void
}

/** A screen that only ever appends lines: pipes, files, terminals nobody draws on. */
export function createPlainScreen(stream: NodeJS.WritableStream): Screen {
  return {
    note: (line) => void stream.write(`${line}\n`),
    draw: () => {},
    close: () => {},
  }
}

/** A screen on a terminal, the drawn lines always last. The cursor comes back on `close` and at the process's exit. */
export function createTerminalScreen(stream: NodeJS.WritableStream): Screen {
  const render = createLogUpdate(stream)
  let drawn = ''
  return {
    note(line) {
      render.persist(line)
      if (drawn !== '') render(drawn)
    },
    draw(lines) {
      drawn = lines.join('\n')
      render(drawn)
    },
    close() {
      if (drawn === '') return
      drawn = ''
      render.clear()
      render.done()
    },
  }
}
