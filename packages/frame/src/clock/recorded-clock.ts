import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'

/** A clock that is listened to. */
export interface RecordedClock {
  /** The clock to give to a controller, as `BatchControllerOptions.clock`. */
  readonly clock: Clock
  /** All that it has shown so far, in order: a live view of plain numbers, which JSON keeps as they are. */
  readonly readings: readonly number[]
}

/**
 * Writes down what `clock` shows, so that a run can be replayed: the clock is the only thing by which one run of a controller differs from
 * another.
 *
 * The readings grow as long as it is read: some ten a frame.
 */
export function recordClock(clock: Clock = systemClock): RecordedClock {
  const readings: number[] = []
  const record = (reading: number) => {
    readings.push(reading)
    return reading
  }
  return {
    readings,
    clock: {
      now: () => record(clock.now()),
      wallNow: () => record(clock.wallNow()),
      after: (ms, callback) => clock.after(ms, callback),
    },
  }
}

/**
 * A clock that shows `readings` one after the other. A controller that is made with it as another was made with the recorded
 * one, and given the same systems, and the same jobs and `HostFrame`s at the same frames, runs the same schedule: its `trace` has the same bytes.
 *
 * Its timers never run: frames come from who replays.
 * @throws {MillraceError} `REPLAY_DIVERGED` (when read) once all readings were shown: the run is not the one that was recorded.
 */
export function replayClock(readings: readonly number[]): Clock {
  let shown = 0
  const show = () => {
    const reading = readings[shown]
    if (reading === undefined) throw diverged(shown)
    shown++
    return reading
  }
  return { now: show, wallNow: show, after: () => ({ cancel: () => {} }) }
}

function diverged(shown: number): MillraceError {
  return new MillraceError(
    'REPLAY_DIVERGED',
    `replayClock: read more often than the ${shown} times that were recorded; ` +
      'make the controller, its systems and its jobs as in the recorded run',
    { detail: { readings: shown } },
  )
}
