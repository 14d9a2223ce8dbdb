import type { Point } from '../polygon/polygon.ts'
import type { RandomSource } from './random-source.ts'

/**
 * The unit vector at `turns` whole turns from x towards y, any finite number; quarters of a turn are exact, and the rest is right to the last bits.
 *
 * It stands in for `Math.cos` and `Math.sin`, whose last bit engines are free to choose: here are only additions and multiplications, so it has the same bits everywhere. The
 * polynomials are those of fdlibm's `k_sin.c` and `k_cos.c` for an eighth of a turn either way.
 */
export function directionAt(turns: number): Point {
  const part = turns - Math.floor(turns)
  const quarter = Math.round(4 * part)
  const angle = (part - quarter / 4) * TURN
  const square = angle * angle
  const sin =
    angle + angle * square * (S1 + square * (S2 + square * (S3 + square * (S4 + square * (S5 + square * S6)))))
  const cos =
    1 -
    square / 2 +
    square * square * (C1 + square * (C2 + square * (C3 + square * (C4 + square * (C5 + square * C6)))))
  switch (quarter & 3) {
    case 0:
      return { x: cos, y: sin }
    case 1:
      return { x: -sin, y: cos }
    case 2:
      return { x: -cos, y: -sin }
    default:
      return { x: sin, y: -cos }
  }
}

/** The unit vector at `radians`. See {@link directionAt}. */
export function directionOf(radians: number): Point {
  return directionAt(radians / TURN)
}

/** A unit vector in any direction, all equally likely: that of a point in the unit disc (Marsaglia). */
export function randomDirection(random: RandomSource): Point {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const x = random.within(1)
    const y = random.within(1)
    const square = x * x + y * y
    if (square > 1 || square < 2 ** -20) continue
    const length = Math.sqrt(square)
    return { x: x / length, y: y / length }
  }
  return { x: 1, y: 0 }
}

const TURN = 2 * Math.PI

/** Four tries in five are good: as many as this fail once in 10^22. */
const MAX_TRIES = 32

const S1 = -0.16666666666666632
const S2 = 0.00833333333332249
const S3 = -0.0001984126982985795
const S4 = 0.0000027557313707070068
const S5 = -2.5050760253406863e-8
const S6 = 1.58969099521155e-10

const C1 = 0.0416666666666666
const C2 = -0.001388888888887411
const C3 = 0.00002480158728947673
const C4 = -2.7557314351390663e-7
const C5 = 2.087572321298175e-9
const C6 = -1.1359647557788195e-11
