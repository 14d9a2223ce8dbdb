import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { createPlainScreen, createTerminalScreen } from '../../src/progress/screen.ts'

function capture() {
  const stream = new PassThrough()
  const text = () => String(stream.read() ?? '')
  return { stream: Object.assign(stream, { columns: 80, rows: 24 }), text }
}

it('appends lines to a stream that is no terminal, and draws nothing', () => {
  const { stream, text } = capture()
  const screen = createPlainScreen(stream)
  screen.draw(['frame'])
  screen.note('a line')
  screen.close()
  expect(text()).toBe('a line\n')
})

it('keeps the drawing below the notes, and takes it away in the end', () => {
  const { stream, text } = capture()
  const screen = createTerminalScreen(stream)
  screen.draw(['one', 'two'])
  screen.note('a note')
  const written = stripVTControlCharacters(text())
  expect(written.indexOf('a note')).toBeGreaterThan(written.indexOf('two'))
  expect(written.lastIndexOf('two')).toBeGreaterThan(written.indexOf('a note'))
  screen.close()
  screen.close()
  expect(text()).toContain('\u001b[2K')
})
