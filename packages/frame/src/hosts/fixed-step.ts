import { checkHost, type FrameHost, type FrameUse, type TimedFrame } from '@millrace/kernel/frames/frame-host'
import { checkInteger, checkNumber, checkObject } from '@millrace/kernel/options'

/** One frame of the host, after its steps. The same object at every call. */
export interface FixedStepFrame {
  /** Steps that were run. */
  readonly steps: number
  /** Time that is not caught up with, in ms: whole steps beyond `maxSteps`. */
  readonly droppedMs: number
  /** How far time is into the next step, 0 to below 1: to draw what lies between two steps. */
  readonly alpha: number
}

export interface FixedStepOptions {
  /** The `deltaMs` of every step, in ms, above 0 and at most 1000. */
  readonly stepMs: number
  /** Most steps in a frame of the host, at least 1 and at most 1000. @default 5 */
  readonly maxSteps?: number
  /** Is told of each frame of the host, those without a step included: to draw, or to count what was dropped. */
  readonly onHostFrame?: (frame: FixedStepFrame) => void
}

/**
 * Runs frames of exactly `stepMs`, as many as fit into the time that passes in the frames of `host`.
 *
 * Steps are never ahead of time, and behind by less than one, but for the time that was dropped: when steps take longer than
 * they simulate, the simulation slows down instead of ever more steps running. All steps in a frame of the host share the
 * budget of one, evenly; what one leaves goes to the next. One that throws ends the frame; the others are made up for in the
 * next.
 *
 * After Glenn Fiedler, "Fix Your Timestep!", 2004.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function fixedStep(host: FrameHost, options: FixedStepOptions): FrameHost {
  checkHost('fixedStep', host)
  checkObject('fixedStep', 'options', options)
  const stepMs = checkNumber('fixedStep', 'stepMs', options.stepMs, { above: 0, max: 1000 })
  const maxSteps = checkInteger('fixedStep', 'maxSteps', options.maxSteps ?? 5, { min: 1, max: 1000 })
  const { onHostFrame } = options
  return {
    start(onStep, onEnd) {
      const told = { steps: 0, droppedMs: 0, alpha: 0 }
      let behindMs = 0
      let stopped = false
      /** What the host said of its last frame that had a step: it is passed on with the next. */
      let evidence: Pick<TimedFrame, 'intervalMs' | 'otherMs'> | undefined

      const onFrame = (frame: TimedFrame): FrameUse => {
        evidence ??= { intervalMs: frame.intervalMs ?? frame.deltaMs, otherMs: frame.otherMs }
        if (frame.deltaMs > 0 && Number.isFinite(frame.deltaMs)) behindMs += frame.deltaMs
        const steps = Math.min(maxSteps, Math.floor(behindMs / stepMs))
        const total = { usedMs: 0, allowedMs: 0, budgetMs: 0 }
        let budgetMs = frame.budgetMs
        let budgetShare: number | undefined = (frame.budgetShare ?? 1) / steps
        for (let step = 0; step < steps && !stopped; step++) {
          behindMs -= stepMs
          const { intervalMs, otherMs } = evidence ?? { intervalMs: 0 }
          evidence = undefined
          const use = onStep({ deltaMs: stepMs, budgetMs, budgetShare, otherMs, intervalMs })
          if (step === 0) total.budgetMs = steps * use.budgetMs
          total.allowedMs += use.allowedMs
          total.usedMs += use.usedMs
          // What one overran is a debt that the next pays of its own.
          budgetMs = total.budgetMs / steps + Math.max(0, use.allowedMs - use.usedMs)
          budgetShare = undefined
        }
        const restMs = Math.max(0, behindMs) % stepMs
        told.steps = steps
        told.droppedMs = Math.max(0, behindMs) - restMs
        told.alpha = restMs / stepMs
        behindMs = restMs
        if (!stopped) onHostFrame?.(told)
        return total
      }

      const stop = host.start(onFrame, onEnd)
      return () => {
        stopped = true
        stop()
      }
    },
  }
}
