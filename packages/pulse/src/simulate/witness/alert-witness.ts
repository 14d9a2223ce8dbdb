import type { Alert } from '../../alerts/channel.ts'
import { CODES, type Code, State } from '../../lifecycle/states.ts'
import type { StoredAlert } from '../../store/pulse-store.ts'
import { Happening } from '../history.ts'
import type { Findings } from './findings.ts'
import type { Incidents } from './incidents.ts'
import type { Scene } from './scene.ts'

export interface AlertWitnessOptions {
  readonly scene: Scene
  readonly findings: Findings
  readonly incidents: Incidents
  readonly alertCoolDownMs: number
}

/** What people were told last of a monitor. */
export interface Told {
  /** From 1; 0 if it was green, or nothing. */
  readonly colour: number
  /** The engine's number of the incident. */
  readonly incident: number
}

type AskedAlert = Pick<StoredAlert, 'monitor' | 'code' | 'at' | 'incident' | 'number' | 'reason'>

export const UNTOLD: Told = { colour: 0, incident: 0 }

/** So long the truth may take to be told, in ms: longer than any outage of the store. */
const PATIENCE_MS = 120_000
const MOST_KNOWN = 200_000
/** What is told of a monitor that is no more. */
const LEFT = 'it is not monitored any more'

/** Sees what people are told: what is so, before long; kept before it is delivered; in order, and with each state what it tells. */
export class AlertWitness {
  readonly #options: AlertWitnessOptions
  readonly #told: Told[]
  readonly #untoldSince: Float64Array
  /** By the clock of the simulation. */
  readonly #silencedUntil: Float64Array
  /** What is told next may be what was told last: the monitor began anew. */
  readonly #mayRepeat: Uint8Array
  /** Colours that must be kept with the states that tell them. */
  readonly #due = new Map<number, string[]>()
  /** Alerts that were asked to be kept, and their order. */
  readonly #known = new Map<string, number>()
  #knownCount = 0
  /** Those of them that are not kept yet: the next process knows nothing of them. */
  readonly #unkept = new Set<string>()
  /** Those that were kept, and so may be told to anybody. */
  readonly #kept = new Set<string>()
  /** The order of what each channel delivered last of each monitor. */
  readonly #deliveredOf = new Map<string, number>()
  count = 0

  constructor(options: AlertWitnessOptions) {
    this.#options = options
    const count = options.scene.monitors.length
    this.#told = new Array(count).fill(UNTOLD)
    this.#untoldSince = new Float64Array(count)
    this.#silencedUntil = new Float64Array(count)
    this.#mayRepeat = new Uint8Array(count)
  }

  /** A colour was to be told, unless it was told last and the monitor did not begin anew since: it must be kept with the state that tells it. */
  expect(monitor: number, code: Code, at: number, isAnew: boolean): void {
    const { scene, findings, incidents, alertCoolDownMs } = this.#options
    const isSilenced = this.#silencedUntil[monitor]! > scene.clock.now()
    const isSure = findings.isSure(monitor) && !findings.flaps(monitor) && !isSilenced
    if (isAnew) this.#mayRepeat[monitor] = 1
    const isTold =
      code === 'green' ? this.#told[monitor]!.colour !== 0 : !incidents.isAcknowledged(monitor) && alertCoolDownMs === 0
    if (!isSure || !isTold || !this.#hasRoute(monitor, code)) return
    const due = this.#due.get(monitor)
    const last = due?.at(-1)?.split(' ')[0] ?? CODES[this.#told[monitor]!.colour - 1]
    if (last === code && !isAnew) return
    if (due === undefined) this.#due.set(monitor, [`${code} ${at}`])
    else due.push(`${code} ${at}`)
  }

  /** What people were told last must be so, before long. */
  findTruth(monitor: number): void {
    const { scene, findings, incidents, alertCoolDownMs } = this.#options
    const state = scene.state[monitor]! as State
    const now = scene.clock.now()
    const isQuiet =
      this.#silencedUntil[monitor]! > now ||
      findings.flaps(monitor) ||
      !findings.isSure(monitor) ||
      incidents.isAcknowledged(monitor)
    const truth = truthOf(state)
    const { colour } = this.#told[monitor]!
    // One that is down, and needs an intervention only now, was told so.
    const isRed = state === State.NEEDED && CODES[colour - 1] === 'red'
    const isTold = truth === undefined || truth === colour || isRed || !this.#hasGreen(monitor)
    if (isQuiet || isTold || (truth !== 0 && !this.#hasRoute(monitor, CODES[truth - 1]!))) {
      this.#untoldSince[monitor] = 0
      return
    }
    if (this.#untoldSince[monitor] === 0) this.#untoldSince[monitor] = now
    if (now - this.#untoldSince[monitor]! <= PATIENCE_MS + alertCoolDownMs) return
    const told = CODES[colour - 1] ?? 'nothing'
    scene.broken('what was told last is not so', monitor, `${scene.stateName(monitor)}, and told was ${told}`)
    this.#untoldSince[monitor] = 0
  }

  /** An alert is to be kept. @param ids are those that have been met: an alert goes to several places. */
  asked(alert: AskedAlert, ids: Set<string>): void {
    const { scene } = this.#options
    const { monitor: name, code, at, incident } = alert
    const monitor = scene.numberOf(name)
    const id = idOf(alert)
    if (ids.has(id)) return
    ids.add(id)
    if (this.#kept.has(id)) scene.broken('two alerts have one name', monitor, id)
    this.#known.set(id, ++this.#knownCount)
    this.#unkept.add(id)
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    const due = this.#due.get(monitor)
    const index = due?.indexOf(`${code} ${at}`) ?? -1
    if (index !== -1) due!.splice(index, 1)
    if (!scene.isThere(monitor)) return
    if (alert.reason === LEFT) {
      // It is there again: what was told before it left is nothing to it.
      this.#told[monitor] = UNTOLD
      return
    }
    // While the store fails, one of the same colour may take the place of another before either is kept.
    const isSure = scene.isStoreSound && this.#hasGreen(monitor)
    const last = this.#told[monitor]!
    if (isSure && code === 'green' && last.colour === 0) scene.broken('green before anything else', monitor, id)
    if (isSure && last.colour !== 0 && incident !== last.incident && code !== 'gray') {
      scene.broken('an incident has two names', monitor, `${incident} and ${last.incident}`)
    }
    const isAgain = code !== 'green' && CODES[last.colour - 1] === code && incident === last.incident
    const mayRepeat = this.#mayRepeat[monitor] === 1 || alert.reason.startsWith('flapping')
    if (isSure && isAgain && !mayRepeat) scene.broken('told what people know', monitor, id)
    this.#mayRepeat[monitor] = 0
    this.#told[monitor] = { colour: code === 'green' ? 0 : CODES.indexOf(code) + 1, incident }
  }

  /** An alert is kept. */
  kept(alert: AskedAlert): void {
    this.#kept.add(idOf(alert))
    this.#unkept.delete(idOf(alert))
    if (this.#kept.size > MOST_KNOWN) this.#kept.delete(this.#kept.keys().next().value!)
  }

  /** The state of a monitor is to be kept: so must be all that it tells. */
  stateAsked(monitor: number): void {
    const { scene } = this.#options
    const due = this.#due.get(monitor)
    if (due === undefined) return
    this.#due.delete(monitor)
    if (due.length > 0 && scene.isStoreSound) {
      scene.broken('a state is kept without what it tells', monitor, due.join(', '))
    }
  }

  delivered(alert: Alert, channel: number): void {
    const { scene } = this.#options
    const monitor = scene.numberOf(alert.monitor)
    this.count++
    scene.isStirred = true
    scene.history.add(scene.clock.now(), monitor, Happening.DELIVERY, CODES.indexOf(alert.code))
    if (!this.#known.has(alert.id)) {
      // Where the store fails, people hear of it before it is kept, and it may be over by then.
      if (!scene.isStoreBehind) scene.broken('told before it was kept', monitor, alert.id)
      const { code, at, reason } = alert
      const incident = Number(alert.incident.split('#').at(-1))
      const number = Number(alert.id.split('/').at(-1))
      this.asked({ monitor: alert.monitor, code, at, reason, incident, number }, new Set())
    }
    const order = this.#known.get(alert.id)!
    const line = `${channel} ${alert.monitor}`
    const last = this.#deliveredOf.get(line) ?? 0
    if (order <= last && scene.isStoreSound) {
      scene.broken('told again, or out of order', monitor, `${alert.id}, ${order} after ${last}`)
    }
    this.#deliveredOf.set(line, order)
  }

  toldOf(monitor: number): Told {
    return this.#told[monitor]!
  }

  /** The colour of which people wait to hear the end. Where they never hear of an end, nobody sees what they know. */
  unendedOf(monitor: number): Code | undefined {
    return this.#hasGreen(monitor) ? CODES[this.#told[monitor]!.colour - 1] : undefined
  }

  /** @param until is by the clock of the simulation. */
  silenced(monitor: number, until: number): void {
    this.#silencedUntil[monitor] = until
  }

  removed(monitor: number): void {
    this.#due.delete(monitor)
  }

  /** The process has ended. */
  died(): void {
    this.#due.clear()
    // Where the clock is set back, another may have one of their names.
    for (const id of this.#unkept) this.#known.delete(id)
    this.#unkept.clear()
  }

  /** Another process has begun. */
  restarted(): void {
    this.#deliveredOf.clear()
  }

  /** A monitor is there, as what was kept of it says. */
  entered(monitor: number, told: Told, silencedUntil: number): void {
    this.#told[monitor] = told
    this.#silencedUntil[monitor] = silencedUntil
    this.#untoldSince[monitor] = 0
    this.#mayRepeat[monitor] = 1
  }

  #hasRoute(monitor: number, code: Code): boolean {
    return (this.#options.scene.profiles[monitor]?.codes[code]?.length ?? 0) > 0
  }

  #hasGreen(monitor: number): boolean {
    return this.#hasRoute(monitor, 'green')
  }
}

function idOf({ monitor, code, incident, number }: AskedAlert): string {
  return `${monitor}#${incident}/${code}/${number}`
}

/** The colour that must have been told last in a state, from 1; 0 where nothing must; undefined where anything may. */
function truthOf(state: State): number | undefined {
  if (state === State.UP) return 0
  if (state === State.DEGRADED || state === State.NEEDED) return CODES.indexOf('yellow') + 1
  if (state === State.DOWN || state === State.OVERDUE) return CODES.indexOf('red') + 1
  if (state === State.HELD) return CODES.indexOf('gray') + 1
  if (state === State.VERIFYING) return CODES.indexOf('cyan') + 1
  return undefined
}
