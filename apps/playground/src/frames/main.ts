import { element } from '../shell/element.ts'
import { FramesPage } from './page.ts'
import { queryOf, readSettings } from './settings.ts'
import { Controls } from './view/controls.ts'

const { settings, faults } = readSettings(location.search)
const notice = element('notice', HTMLElement)

function say(...sentences: readonly string[]): void {
  notice.textContent = sentences.join('\n')
  notice.hidden = sentences.length === 0
}

/** Calls `work`; what goes wrong is told on the page, too. */
function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    say(...faults, `${error}`, 'If this browser cannot draw in 3D: with ?render=off the systems run without.')
    throw error
  }
}

attempt(() => {
  const page = new FramesPage(settings, say)
  say(...faults)
  new Controls(settings, (changed) => {
    history.replaceState(null, '', location.pathname + queryOf(changed))
    say()
    attempt(() => page.apply(changed))
  })
  const frame = (nowMs: number) => {
    attempt(() => page.frame(nowMs))
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})
