import { expect, it } from 'vitest'
import { drainingWords, LEAVING_WORDS } from '../../src/progress/stop-words.ts'

it('what is said to Ctrl-C is a line of a terminal, beside its ^C', () => {
  const said = [drainingWords(0), drainingWords(1), drainingWords(1024), LEAVING_WORDS]
  for (const words of said) expect(words.length).toBeLessThanOrEqual(78)
  expect(drainingWords(2)).toBe('Finishing 2 batches in hand; press Ctrl-C again to stop at once.')
})
