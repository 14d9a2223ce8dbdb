import { VirtualClock } from '@millrace/kernel'
import { expect, it } from 'vitest'
import type { Screen } from '../../src/progress/screen.ts'
import { waitLineOn } from '../../src/progress/wait-line.ts'

function recorded() {
  const drawn: string[] = []
  const screen: Screen = {
    note: () => {},
    draw: (lines) => void drawn.push(...lines),
    close: () => void drawn.push('closed'),
  }
  return { drawn, screen }
}

it('shows what takes long, and nothing of what does not', () => {
  const clock = new VirtualClock()
  const long = recorded()
  const line = waitLineOn(long.screen, 'Reading …', clock)
  clock.advance(600)
  line[Symbol.dispose]()
  clock.advance(600)
  expect(long.drawn).toEqual(['Reading …', 'closed'])

  const short = recorded()
  const brief = waitLineOn(short.screen, 'Reading …', clock)
  clock.advance(400)
  brief[Symbol.dispose]()
  clock.advance(600)
  expect(short.drawn).toEqual(['closed'])
})
