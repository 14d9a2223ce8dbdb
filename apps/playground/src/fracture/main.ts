import { element } from '../shell/element.ts'
import { FracturePage } from './page.ts'
import { Stage } from './scene/stage.ts'
import { queryOf, readSettings } from './settings.ts'
import { Aim } from './view/aim.ts'
import { Controls } from './view/controls.ts'
import { onKeys } from './view/keys.ts'

const { settings, faults } = readSettings(location.search)
const notice = element('notice', HTMLElement)
const said: string[] = [...faults]

/** Shows sentences, those of before included. */
function say(...sentences: readonly string[]): void {
  said.push(...sentences)
  notice.textContent = said.join('\n')
  notice.hidden = said.length === 0
}

say()
const stage = await Stage.on(element('hall', HTMLCanvasElement), (fault) =>
  say(`This browser cannot draw it: ${fault}. Everything else runs.`),
)
const page = new FracturePage(stage, settings, (error) => say(`Something went wrong: ${error}`))
const controls = new Controls(settings, (changed) => {
  history.replaceState(null, '', location.pathname + queryOf(changed))
  page.apply(changed)
})

const press = (id: string, act: () => void) => element(id, HTMLButtonElement).addEventListener('click', act)
const toggle = (id: string, act: () => boolean) => () =>
  element(id, HTMLButtonElement).setAttribute('aria-pressed', `${act()}`)
const help = element('help', HTMLDialogElement)
const acts = {
  break: () => page.breakEverything(),
  reset: () => page.reset(),
  slow: toggle('slow', () => (page.isSlow = !page.isSlow)),
  pause: toggle('pause', () => (page.isPaused = !page.isPaused)),
}
for (const [id, act] of Object.entries(acts)) press(id, act)
press('recount', () => page.log.reset())
const { break: breakAll, reset, slow, pause } = acts
const aim = new Aim(element('hall', HTMLCanvasElement))
onKeys(
  {
    ' ': breakAll,
    r: reset,
    s: slow,
    p: pause,
    '?': () => help.showModal(),
    arrowleft: () => aim.move(-1, 0),
    arrowright: () => aim.move(1, 0),
    arrowup: () => aim.move(0, -1),
    arrowdown: () => aim.move(0, 1),
    enter: () => page.hit(aim.at.x, aim.at.y),
  },
  (pattern) => controls.change({ pattern }),
)

// After a click the keys are the page's again: space is to break things, not to press the same button once more.
document.addEventListener('click', ({ target, detail }) => {
  if (detail > 0 && target instanceof HTMLElement && target.matches('.panel :is(button, input:not([type=number]))'))
    target.blur()
})

const frame = (nowMs: number) => {
  requestAnimationFrame(frame)
  page.frame(nowMs)
}
requestAnimationFrame(frame)
// The hall is seen meanwhile, and may be broken.
await page.prepare().catch((error: unknown) => say(`Something went wrong: ${error}`))
document.body.dataset.rehearsed = 'yes'
